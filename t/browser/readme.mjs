/* The README's commands, after "make run", print what stands below them. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { environment, freePort, listening, root } from './support/nginx.mjs';


/* lines that begin with "$", each with the lines below it */

async function transcripts() {
    const text = await readFile(join(root, 'README.md'), 'utf8');

    const command = /^ {4}\$ (.*)\n((?: {4}(?!\$).*\n|\n(?= {4}))*)/gm;

    return [...text.matchAll(command)].map(([, line, output]) => (
        { command: line, output: output.replace(/^ {4}/gm, '') }));
}


test('the README prints what its commands print', async (t) => {
    const found = await transcripts();
    const prefix = await mkdtemp(join(tmpdir(), 'aistream-'));
    const port = await freePort();

    const child = spawn(join(root, 'util/run'), [prefix], {
        env: { ...environment, OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '',
               GEMINI_API_KEY: '', OLLAMA: '', HOST: '', PORT: String(port) },
    });

    t.after(async () => {
        const end = once(child, 'exit');

        child.kill('SIGINT');
        await end;
        await rm(prefix, { recursive: true });
    });

    await listening(child, port, () => 'util/run');

    assert.notEqual(found.length, 0);

    for (const { command, output } of found) {
        const { stdout } = await promisify(execFile)('bash',
            ['-c', command.replaceAll(':8080', `:${port}`)]);

        assert.equal(stdout, output, command);
    }
});
