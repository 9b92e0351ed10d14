/*
 * What Markdown becomes before it is shown: a string is a text, anything else
 * an element {tag, attributes, children}.  Nodes of the page are made from
 * these only, so nothing that a model writes is ever read as HTML.
 */


export function h(tag, attributes, ...children) {
    return { tag, attributes, children: children.flat() };
}


export function create(node) {
    if (typeof node === 'string') {
        return document.createTextNode(node);
    }

    const element = document.createElement(node.tag);

    for (const [name, value] of Object.entries(node.attributes)) {
        element.setAttribute(name, value);
    }

    element.append(...node.children.map(create));

    return element;
}


/*
 * Changes the children of an element from its "first" one on, which were made
 * from "before", to those of "after".  What is the same stays untouched: a
 * growing answer keeps its selection and its scrolled code blocks.
 */

export function patch(element, before, after, first = 0) {
    for (let i = before.length - 1; i >= after.length; i--) {
        element.childNodes[first + i].remove();
    }

    after.forEach((node, i) => {
        const old = before[i];

        if (old === undefined) {
            element.append(create(node));
            return;
        }

        const child = element.childNodes[first + i];

        if (typeof node === 'string' && typeof old === 'string') {
            patchText(child, old, node);

        } else if (alike(old, node)) {
            patch(child, old.children, node.children);

        } else {
            child.replaceWith(create(node));
        }
    });
}


function patchText(child, old, text) {
    if (text === old) {
        return;
    }

    if (text.startsWith(old)) {
        child.appendData(text.slice(old.length));

    } else {
        child.data = text;
    }
}


function alike(a, b) {
    return a.tag !== undefined && a.tag === b.tag
           && JSON.stringify(a.attributes) === JSON.stringify(b.attributes);
}
