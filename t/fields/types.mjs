/* The fields of a type of one of the packages, as paths. */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';


export const here = dirname(fileURLToPath(import.meta.url));

const require = createRequire(import.meta.url);

const options = (ts) => ({
    strict: true, skipLibCheck: true, noEmit: true,
    target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [],
});


/*
 * The type that a module exports, with the defaults of its parameters.  The
 * module is a package, or a file of one.
 */

export function load(module, name) {
    const ts = require('typescript');
    const path = `${here}/root.mts`;
    const text = `import type { ${name} } from '${module}';\n`
                 + `export type Root = ${name};\n`;

    const host = ts.createCompilerHost(options(ts));
    const { getSourceFile, fileExists } = host;

    host.fileExists = (file) => file === path || fileExists(file);
    host.getSourceFile = (file, ...rest) =>
        file === path ? ts.createSourceFile(file, text, ...rest)
                      : getSourceFile.call(host, file, ...rest);

    const program = ts.createProgram([path], options(ts), host);
    const checker = program.getTypeChecker();
    const [root] = checker.getExportsOfModule(
        checker.getSymbolAtLocation(program.getSourceFile(path)));
    const type = checker.getDeclaredTypeOfSymbol(root);

    if (type.flags & ts.TypeFlags.Any) {
        throw new Error(`there is no ${name} in ${module}`);
    }

    return { ts, checker, type };
}


/*
 * The words of a member that tells an object from its siblings: "text", or
 * "tool-*" for any tool-NAME.
 */

function words(ts, checker, property) {
    const value = checker.getTypeOfSymbol(property);

    return (value.isUnion() ? value.types : [value]).flatMap((word) =>
        word.isStringLiteral() ? [word.value]
        : word.flags & ts.TypeFlags.TemplateLiteral ? [word.texts.join('*')]
        : []);
}


/* by its "type"; a "role" tells only if it is the only one */

function kinds(ts, checker, properties) {
    for (const kind of ['type', 'role']) {
        const property = properties.find(({ name }) => name === kind);
        const found = property ? words(ts, checker, property) : [];

        if (found.length && (kind === 'type' || found.length === 1)) {
            return found.map((word) => `[${word}]`);
        }
    }

    return [''];
}


/* the object types that a value may be, out of unions and arrays */

function objects(ts, checker, type, seen = new Set()) {
    if (seen.has(type)) {
        return [];
    }

    seen.add(type);

    if (type.isUnion()) {
        return type.types.flatMap(
            (part) => objects(ts, checker, part, seen));
    }

    if (checker.isArrayType(type)) {
        return objects(ts, checker, checker.getTypeArguments(type)[0], seen);
    }

    return (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)
            && type.getCallSignatures().length === 0
            && checker.getIndexInfosOfType(type).length === 0) ? [type] : [];
}


function members(ts, checker, type) {
    return type.getProperties().filter((property) =>
        !(property.flags & ts.SymbolFlags.Accessor)
        && checker.getTypeOfSymbol(property).getCallSignatures().length === 0);
}


/* types may hold themselves: what lies deeper has been seen before */
const depth = 9;


/*
 * All paths to a type's fields: names joined by dots, with the word that tells
 * an object from its siblings in brackets.  Lists have no part of their own.
 */

export function every({ ts, checker, type }) {
    const found = new Set();

    const walk = (value, path, stack) => {
        for (const object of objects(ts, checker, value)) {
            if (stack.length > depth || stack.includes(object)) {
                continue;
            }

            const properties = members(ts, checker, object);

            for (const name of kinds(ts, checker, properties)) {
                for (const property of properties) {
                    const at = `${path}${name}.${property.name}`;

                    found.add(at);
                    walk(checker.getTypeOfSymbol(property), at,
                         [...stack, object]);
                }
            }
        }
    };

    walk(type, '', []);

    return found;
}


/*
 * Each field once, by the shortest path to it.  Where the same type stands a
 * second time, there is a line "PATH = PATH" instead of its fields.
 */

export function shortest({ ts, checker, type }) {
    const lines = new Set();
    const first = new Map();
    let level = [[type, '']];

    while (level.length) {
        const next = [];

        for (const [value, path] of level) {
            for (const object of objects(ts, checker, value)) {
                const properties = members(ts, checker, object);
                const names = properties.length
                              ? kinds(ts, checker, properties) : [];

                for (const name of names) {
                    const at = path + name;
                    const known = first.get(object);

                    if (known && known !== at) {
                        lines.add(`${at} = ${known}`);
                        continue;
                    }

                    if (name === names[0]) {
                        first.set(object, at);
                    }

                    for (const property of properties) {
                        const inner = `${at}.${property.name}`;

                        lines.add(inner);
                        next.push([checker.getTypeOfSymbol(property), inner]);
                    }
                }
            }
        }

        level = next;
    }

    return lines;
}
