/* The AI SDK's hooks, each with its React, as scripts for a page. */

import { build } from 'esbuild';

import { root } from '../../clients/support/nginx.mjs';


export const versions = ['ai4', 'ai5', 'ai7'];


/* the text of t/browser/hooks/VERSION.mjs with all that it imports */

export async function bundle(version) {
    const { outputFiles: [{ text }] } = await build({
        entryPoints: [`${root}/t/browser/hooks/${version}.mjs`],
        bundle: true, write: false, format: 'iife', platform: 'browser',
        define: { 'process.env.NODE_ENV': '"production"' },
        logLevel: 'error',
    });

    return text;
}
