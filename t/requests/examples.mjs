/* A request for each row of the table. */

import { segments } from './table.mjs';


const png = 'iVBORw0KGgo=';
const pngUrl = `data:image/png;base64,${png}`;
const pdf = 'JVBERi0=';
const pdfUrl = `data:application/pdf;base64,${pdf}`;
const schema = { type: 'object', properties: {} };
const breakpoint = { mode: 'explicit' };
const ephemeral = { type: 'ephemeral' };

/* members that are lists, where an element is looked for in them */
const lists = new Set([
    'messages', 'content', 'tool_calls', 'tools', 'parts', 'input', 'contents',
    'system', 'output', 'details', 'toolInvocations', 'safetySettings',
    'experimental_attachments', 'functionDeclarations', 'annotations',
]);

const call = { id: 'c1', type: 'function',
               function: { name: 'f', arguments: '{"n":1}' } };
const shellCall = { id: 'c1', type: 'custom',
                    custom: { name: 'shell', input: 'ls' } };


/*
 * Of each form: "objects" are what is at a path before the row's own value is
 * put in; "values" the row's values, where it is not an object of those; "at"
 * the path of a row that has a "*"; "around" completes the conversation.
 */

const openai = {
    base: { model: 'm', stream: true },

    objects: {
        'messages[developer]': { role: 'developer', content: 'Be brief.' },
        'messages[system]': { role: 'system', content: 'Be brief.' },
        'messages[user]': { role: 'user', content: 'Hi' },
        'messages[assistant]': { role: 'assistant', content: 'Hello' },
        'messages[assistant].tool_calls[function]': call,
        'messages[assistant].tool_calls[custom]': shellCall,
        'messages[assistant].content[refusal]':
            { type: 'refusal', refusal: 'I will not.' },
        'messages[tool]':
            { role: 'tool', tool_call_id: 'c1', content: '42' },
        'messages[function]': { role: 'function', name: 'f', content: '42' },
        '*.content[text]': { type: 'text', text: 'Hi' },
        'messages[developer].content[text]':
            { type: 'text', text: 'Be brief.' },
        'messages[system].content[text]': { type: 'text', text: 'Be brief.' },
        'messages[user].content[image_url]':
            { type: 'image_url', image_url: { url: pngUrl } },
        'messages[user].content[input_audio]':
            { type: 'input_audio',
              input_audio: { data: 'UklGRg==', format: 'wav' } },
        'messages[user].content[file]':
            { type: 'file', file: { file_data: pdfUrl, filename: 'a.pdf' } },
        'response_format[text]': { type: 'text' },
        'response_format[json_object]': { type: 'json_object' },
        'response_format[json_schema]':
            { type: 'json_schema', json_schema: { name: 'n', schema } },
        'tool_choice[function]':
            { type: 'function', function: { name: 'f' } },
        'tool_choice[custom]': { type: 'custom', custom: { name: 'shell' } },
        'tool_choice[allowed_tools]':
            { type: 'allowed_tools',
              allowed_tools: { mode: 'auto', tools: [
                  { type: 'function', function: { name: 'f' } }] } },
        'tools[function]':
            { type: 'function', function: { name: 'f', parameters: schema } },
        'tools[custom]':
            { type: 'custom', custom: { name: 'shell', description: 'Runs.' } },
    },

    at: { 'messages[*].role': 'messages[user].role' },

    values: {
        'model': 'm', 'stream': true,
        'stream_options': { include_usage: true },
        'messages': [{ role: 'user', content: 'Hi' }],
        'messages[*].role': 'user',
        'messages[user].content[image_url].image_url':
            { url: 'https://example.com/a.png' },
        'messages[user].content[image_url].image_url.url': pngUrl,
        'messages[user].content[image_url].image_url.detail': 'low',
        'messages[user].content[file].file.filename': 'b.pdf',
        'messages[user].content[file].file.file_id': 'file-1',
        'messages[user].content[file].file.file_data': pdfUrl,
        'messages[assistant].refusal': 'I will not.',
        'messages[assistant].audio': { id: 'audio_1' },
        'messages[assistant].function_call': { name: 'f', arguments: '{}' },
        'messages[assistant].tool_calls': [call],
        'audio': { format: 'mp3', voice: 'alloy' },
        'frequency_penalty': 0.5, 'function_call': 'auto',
        'functions': [{ name: 'g' }], 'logit_bias': { 50256: -100 },
        'logprobs': true, 'top_logprobs': 2,
        'max_completion_tokens': 50, 'max_tokens': 50,
        'metadata': { project: 'p' }, 'modalities': ['text'],
        'moderation': { model: 'omni' }, 'n': 2,
        'parallel_tool_calls': false,
        'prediction': { type: 'content', content: 'Hi' },
        'presence_penalty': 0.5, 'prompt_cache_key': 'k',
        'prompt_cache_options': { mode: 'explicit' },
        'prompt_cache_retention': '24h', 'reasoning_effort': 'high',
        'response_format': { type: 'json_schema',
                             json_schema: { name: 'n', schema } },
        'response_format[json_schema].json_schema.description': 'A thing.',
        'response_format[json_schema].json_schema.strict': true,
        'safety_identifier': 'u1', 'seed': 9007199254740993n,
        'service_tier': 'flex', 'stop': ['END'], 'store': true,
        'temperature': 0.7, 'tool_choice': 'required',
        'tools': [{ type: 'function',
                    function: { name: 'f', parameters: schema } }],
        'tools[function].function.description': 'Does.',
        'tools[function].function.strict': true,
        'top_p': 0.9, 'user': 'u1', 'verbosity': 'low',
        'web_search_options': { search_context_size: 'low' },
    },

    around(body) {
        const [m] = body.messages ?? [];
        const user = { role: 'user', content: 'Hi' };

        if (m === undefined || m.role === 'user') {
            body.messages ??= [user];

        } else if (m.role === 'tool') {
            body.messages = [user, { role: 'assistant', content: null,
                                     tool_calls: [call] }, m];

        } else if (m.role === 'assistant' && m.tool_calls) {
            body.messages = [user, m, ...m.tool_calls.map(
                ({ id }) => ({ role: 'tool', tool_call_id: id,
                               content: '42' }))];

        } else {
            body.messages = m.role === 'assistant' || m.role === 'function'
                            ? [user, m, user] : [m, user];
        }

        if (body.logprobs === undefined && body.top_logprobs) {
            body.logprobs = true;
        }

        offered(body, openai);
    },
};


/* what is chosen is offered, and what is about tools has some */

function offered(body, form) {
    const { tool_choice: choice } = body;

    if (choice !== undefined || body.parallel_tool_calls !== undefined) {
        const kind = choice?.type === 'custom' && form === openai
                     ? 'custom' : form.tool ?? 'function';

        body.tools ??= [form.objects[`tools[${kind}]`]];
    }
}


const use = { type: 'tool_use', id: 'c1', name: 'f', input: { n: 1 } };
const image = { type: 'image', source: { type: 'base64',
                                         media_type: 'image/png',
                                         data: png } };
const document = { type: 'document', source: { type: 'base64',
                                               media_type: 'application/pdf',
                                               data: pdf } };
const searchResult = { type: 'search_result', source: 'https://example.com/',
                       title: 'Title',
                       content: [{ type: 'text', text: 'Found.' }] };

const anthropic = {
    base: { model: 'm', max_tokens: 4000, stream: true },
    tool: 'custom',

    objects: {
        'system[text]': { type: 'text', text: 'Be brief.' },
        'messages[user]': { role: 'user', content: 'Hi' },
        'messages[system]': { role: 'system', content: 'Be brief.' },
        'messages[assistant]': { role: 'assistant', content: 'Hello' },
        '*.content[text]': { type: 'text', text: 'Hi' },
        '*.content[image]': image,
        '*.content[document]': document,
        '*.content[search_result]': searchResult,
        '*.source[base64]': image.source,
        'messages[user].content[document].source[base64]': document.source,
        '*.source[url]': { type: 'url', url: 'https://example.com/a.png' },
        'messages[user].content[document].source[url]':
            { type: 'url', url: 'https://example.com/a.pdf' },
        '*.source[file]': { type: 'file', file_id: 'file_1' },
        '*.source[text]': { type: 'text', media_type: 'text/plain',
                            data: 'Words.' },
        '*.source[content]': { type: 'content',
                               content: [{ type: 'text', text: 'Words.' }] },
        '*.content[thinking]': { type: 'thinking', thinking: 'Hm.',
                                 signature: 'c2ln' },
        '*.content[redacted_thinking]': { type: 'redacted_thinking',
                                          data: 'c2ln' },
        '*.content[tool_use]': use,
        '*.content[tool_result]': { type: 'tool_result', tool_use_id: 'c1',
                                    content: '42' },
        'messages[user].content[tool_result].content[text]':
            { type: 'text', text: '42' },
        '*.content[tool_reference]': { type: 'tool_reference',
                                       tool_name: 'g' },
        '*.content[browser_state]': { type: 'browser_state', tabs: [] },
        '*.content[server_tool_use]':
            { type: 'server_tool_use', id: 's1', name: 'web_search',
              input: { query: 'q' } },
        '*.content[web_search_tool_result]':
            { type: 'web_search_tool_result', tool_use_id: 's1',
              content: [] },
        '*.content[container_upload]': { type: 'container_upload',
                                         file_id: 'file_1' },
        'thinking[adaptive]': { type: 'adaptive' },
        'thinking[between_tools]': { type: 'between_tools' },
        'thinking[disabled]': { type: 'disabled' },
        'thinking[enabled]': { type: 'enabled', budget_tokens: 2048 },
        'tool_choice[auto]': { type: 'auto' },
        'tool_choice[any]': { type: 'any' },
        'tool_choice[none]': { type: 'none' },
        'tool_choice[tool]': { type: 'tool', name: 'f' },
        'tools[custom]': { name: 'f', input_schema: schema },
        'tools[web_search_20250305]': { type: 'web_search_20250305',
                                        name: 'web_search' },
        'tools[web_fetch_20250910]': { type: 'web_fetch_20250910',
                                       name: 'web_fetch' },
        'tools[code_execution_20250825]': { type: 'code_execution_20250825',
                                            name: 'code_execution' },
        'tools[tool_search_tool_bm25_20251119]':
            { type: 'tool_search_tool_bm25_20251119',
              name: 'tool_search_tool_bm25' },
        'tools[bash_20250124]': { type: 'bash_20250124', name: 'bash' },
        'tools[text_editor_20250728]':
            { type: 'text_editor_20250728',
              name: 'str_replace_based_edit_tool' },
        'tools[memory_20250818]': { type: 'memory_20250818', name: 'memory' },
        'tools[browser_toolset_20260801]':
            { type: 'browser_toolset_20260801', name: 'browser' },
        'tools[computer_toolset_20260801]':
            { type: 'computer_toolset_20260801', name: 'computer' },
    },

    at: {
        'messages[*].role': 'messages[user].role',
        'messages[*].content[server_tool_use]':
            'messages[assistant].content[server_tool_use]',
        'messages[*].content[*_tool_result]':
            'messages[assistant].content[web_search_tool_result]',
        'messages[*].content[container_upload]':
            'messages[assistant].content[container_upload]',
        'tool_choice[*].disable_parallel_tool_use':
            'tool_choice[auto].disable_parallel_tool_use',
        'tools[web_search_*]': 'tools[web_search_20250305]',
        'tools[web_fetch_*]': 'tools[web_fetch_20250910]',
        'tools[code_execution_*]': 'tools[code_execution_20250825]',
        'tools[tool_search_*]': 'tools[tool_search_tool_bm25_20251119]',
        'tools[bash_*]': 'tools[bash_20250124]',
        'tools[text_editor_*]': 'tools[text_editor_20250728]',
        'tools[memory_*]': 'tools[memory_20250818]',
        'tools[browser_toolset_*]': 'tools[browser_toolset_20260801]',
        'tools[computer_toolset_*]': 'tools[computer_toolset_20260801]',
    },

    values: {
        'model': 'm', 'stream': true, 'user_profile_id': 'p',
        'workspace_id': 'w', 'max_tokens': 50, 'system': 'Be brief.',
        'messages': [{ role: 'user', content: 'Hi' }],
        'messages[*].role': 'user',
        'system[text].citations': [{
            type: 'char_location', cited_text: 'a', document_index: 0,
            document_title: 't', start_char_index: 0, end_char_index: 1 }],
        'messages[assistant].content[text].citations': [{
            type: 'char_location', cited_text: 'a', document_index: 0,
            document_title: 't', start_char_index: 0, end_char_index: 1 }],
        'messages[user].content[image].transformations':
            { oversized_image: 'resize' },
        'messages[user].content[document].title': 'A title',
        'messages[user].content[document].context': 'A context',
        'messages[user].content[document].citations': { enabled: true },
        'messages[assistant].content[tool_use].caller': { type: 'direct' },
        'messages[assistant].content[tool_use].toolset_name': 'browser',
        'messages[user].content[tool_result].is_error': true,
        'messages[user].content[tool_result].toolset_name': 'browser',
        'container': 'c', 'diagnostics': { previous_message_id: 'm' },
        'inference_geo': 'eu', 'metadata': { user_id: 'u1' },
        'output_config': { effort: 'high' }, 'output_config.effort': 'high',
        'output_config.format': { type: 'json_schema', schema },
        'service_tier': 'auto', 'speed': 'fast', 'stop_sequences': ['END'],
        'thinking[adaptive].display': 'omitted',
        'thinking[enabled].display': 'omitted',
        'tool_choice[*].disable_parallel_tool_use': true,
        'tools': [{ name: 'f', input_schema: schema }],
        'tools[custom].type': 'custom', 'tools[custom].description': 'Does.',
        'tools[custom].strict': true,
        'tools[custom].allowed_callers': ['direct'],
        'tools[custom].defer_loading': true,
        'tools[custom].eager_input_streaming': true,
        'tools[custom].input_examples': [{}],
        'temperature': 0.7, 'top_k': 40, 'top_p': 0.9,
    },

    around(body) {
        const [m] = body.messages ?? [];
        const user = { role: 'user', content: 'Hi' };
        const blocks = Array.isArray(m?.content) ? m.content : [];
        const has = (type) => blocks.some((block) => block.type === type);

        if (m === undefined) {
            body.messages = [user];

        } else if (has('tool_result') && m.role === 'user') {
            body.messages = [user, { role: 'assistant', content: [use] }, m];

        } else if (has('tool_use') && m.role === 'assistant') {
            body.messages = [user, m, { role: 'user', content: [
                { type: 'tool_result', tool_use_id: blocks[0].id,
                  content: '42' }] }];

        } else if (m.role === 'assistant') {
            if (blocks.length && !has('text')) {
                m.content = [...blocks, { type: 'text', text: 'Hello' }];
            }

            body.messages = [user, m, user];

        } else if (m.role === 'system') {
            body.messages = [user, m, user];

        } else if (blocks.length && !has('text')) {
            m.content = [...blocks, { type: 'text', text: 'Hi' }];
        }

        offered(body, anthropic);
    },
};


const invocation = { state: 'result', step: 0, toolCallId: 'c1',
                     toolName: 'f', args: { n: 1 }, result: { n: 42 } };
const attachment = { name: 'a.png', contentType: 'image/png', url: pngUrl };

const ai4 = {
    base: { id: 'c' },

    objects: {
        'messages': { role: 'user', content: 'Hi',
                      parts: [{ type: 'text', text: 'Hi' }] },
        '*.parts[text]': { type: 'text', text: 'Hi' },
        '*.parts[file]': { type: 'file', mimeType: 'image/png', data: png },
        '*.parts[source]': { type: 'source', source: {
            sourceType: 'url', id: 's', url: 'https://example.com/' } },
        '*.parts[step-start]': { type: 'step-start' },
        '*.parts[reasoning]': { type: 'reasoning', reasoning: 'Hm.', details: [
            { type: 'text', text: 'Hm.', signature: 'c2ln' }] },
        '*.details[text]': { type: 'text', text: 'Hm.' },
        '*.details[redacted]': { type: 'redacted', data: 'c2ln' },
        '*.parts[tool-invocation]': { type: 'tool-invocation',
                                      toolInvocation: invocation },
        'messages.toolInvocations': invocation,
        'messages.experimental_attachments': attachment,
    },

    at: {},

    values: {
        'id': 'c2', 'data': { page: 1 }, 'prompt': 'Hi',
        'messages': [{ role: 'user', content: 'Hi' }],
        'messages.id': 'm1', 'messages.createdAt': '2026-01-01T00:00:00.000Z',
        'messages.annotations': [{ a: 1 }], 'messages.data': { d: 1 },
        'messages.role': 'user', 'messages.content': 'Hi',
        'messages.parts': [{ type: 'text', text: 'Hi' }],
        'messages.reasoning': 'Hm.',
        'messages.parts[reasoning].details[text].signature': 'c2ln',
        'messages.toolInvocations': [invocation],
        'messages.experimental_attachments': [attachment],
    },

    around(body, field) {
        const [m] = body.messages ?? [];
        const user = { role: 'user', content: 'Hi' };

        if (body.prompt !== undefined) {
            delete body.id;
            delete body.messages;
            return;
        }

        if (m === undefined) {
            body.messages = [user];

        } else if (/reasoning|tool|source|step|parts\[file/.test(field)) {
            m.role = 'assistant';
            m.content = field.includes('tool') ? '' : 'Hello';

            if (field.startsWith('messages.toolInvocations')
                || field === 'messages.reasoning')
            {
                delete m.parts;

            } else if (!field.includes('tool')) {
                m.parts = [...m.parts, { type: 'text', text: 'Hello' }];
            }

            body.messages = field.includes('tool') ? [user, m]
                                                   : [user, m, user];

        } else if (m.parts === undefined || field === 'messages.content') {
            delete m.parts;
        }
    },
};


const toolPart = { toolCallId: 'c1', state: 'output-available',
                   input: { n: 1 }, output: { n: 42 } };
const signed = { anthropic: { signature: 'c2ln' } };

const ai = {
    base: { id: 'c', trigger: 'submit-message' },

    objects: {
        'messages': { id: 'm0', role: 'user',
                      parts: [{ type: 'text', text: 'Hi' }] },
        '*.parts[text]': { type: 'text', text: 'Hi' },
        '*.parts[reasoning]': { type: 'reasoning', text: 'Hm.',
                                state: 'done', providerMetadata: signed },
        '*.parts[reasoning-file]': { type: 'reasoning-file', url: pngUrl,
                                     mediaType: 'image/png' },
        '*.parts[custom]': { type: 'custom', kind: 'a.b' },
        '*.parts[steering-message]': { type: 'steering-message', id: 's',
            parts: [{ type: 'text', text: 'Stop that.' }] },
        '*.parts[step-start]': { type: 'step-start' },
        '*.parts[source-url]': { type: 'source-url', sourceId: 's',
                                 url: 'https://example.com/' },
        '*.parts[data-x]': { type: 'data-x', data: 1 },
        '*.parts[file]': { type: 'file', mediaType: 'image/png',
                           url: pngUrl },
        '*.parts[tool-f]': { type: 'tool-f', ...toolPart },
        '*.parts[dynamic-tool]': { type: 'dynamic-tool', toolName: 'f',
                                   ...toolPart },
    },

    at: {
        'messages.parts[source-*]': 'messages.parts[source-url]',
        'messages.parts[data-*]': 'messages.parts[data-x]',
        'messages.parts[tool-*].*': 'messages.parts[tool-f].title',
        'messages.parts[dynamic-tool].*': 'messages.parts[dynamic-tool].title',
    },

    values: {
        'id': 'c2', 'trigger': 'submit-message', 'messageId': 'm0',
        'prompt': 'Hi',
        'messages': [{ id: 'm0', role: 'user',
                       parts: [{ type: 'text', text: 'Hi' }] }],
        'messages.id': 'm1', 'messages.metadata': { a: 1 },
        'messages.role': 'user',
        'messages.parts': [{ type: 'text', text: 'Hi' }],
        'messages.parts[text].state': 'done',
        'messages.parts[text].citations': [],
        'messages.parts[text].providerMetadata':
            { google: { thoughtSignature: 'c2ln' } },
        'messages.parts[reasoning].id': 'r',
        'messages.parts[file].filename': 'a.png',
        'messages.parts[file].providerMetadata': { openai: { a: 1 } },
        'messages.parts[file].providerReference': { openai: 'file_1' },
        'messages.parts[tool-*].errorText': 'No.',
        'messages.parts[dynamic-tool].errorText': 'No.',
        'messages.parts[tool-*].callProviderMetadata':
            { google: { thoughtSignature: 'c2ln' } },
        'messages.parts[dynamic-tool].callProviderMetadata':
            { google: { thoughtSignature: 'c2ln' } },
        'messages.parts[tool-*].providerExecuted': true,
        'messages.parts[dynamic-tool].providerExecuted': true,
        'messages.parts[tool-*].*': 'A title',
        'messages.parts[dynamic-tool].*': 'A title',
    },

    /* whose metadata it is depends on the provider that it goes back to */

    of: {
        'messages.parts[reasoning].providerMetadata': {
            responses: { openai: { itemId: 'rs_1',
                                   reasoningEncryptedContent: 'c2ln' } },
        },
    },

    around(body, field) {
        const [m] = body.messages ?? [];
        const user = { id: 'u', role: 'user',
                       parts: [{ type: 'text', text: 'Hi' }] };

        if (body.prompt !== undefined) {
            delete body.id;
            delete body.trigger;
            delete body.messages;
            return;
        }

        if (m === undefined) {
            body.messages = [user];

        } else if (/reasoning|tool|source|step|custom|data-|text\]\.prov|cita/
                   .test(field))
        {
            m.role = 'assistant';

            for (const part of m.parts) {
                if (part.errorText !== undefined) {
                    part.state = 'output-error';
                    delete part.output;
                }
            }

            if (/tool/.test(field) && !m.parts[0].providerExecuted) {
                body.messages = [user, m];
                return;
            }

            m.parts = [...m.parts, { type: 'text', text: 'Hello' }];
            body.messages = [user, m, user];

        } else if (m.parts.some(({ type }) => type === 'file')) {
            m.parts = [...m.parts, { type: 'text', text: 'Hi' }];
        }
    },
};


const own = {
    ...openai,

    values: {
        ...openai.values,
        'top_k': 40, 'stop_sequences': ['END'], 'reasoning.effort': 'high',
        'reasoning.max_tokens': 8192, 'reasoning.enabled': false,
        'reasoning.summary': 'auto', 'thinking': { type: 'disabled' },
        'thinkingConfig.thinkingLevel': 'HIGH', 'unheard_of': { a: [1] },
    },
};


export const examples = {
    openai: { ...openai, path: '/v1/chat/completions' },
    anthropic: { ...anthropic, path: '/v1/messages' },
    responses: { path: '/v1/responses', pending: true },
    gemini: { path: '/v1beta/models/m:streamGenerateContent?alt=sse',
              pending: true },
    ai4: { ...ai4, path: '/chat' },
    ai: { ...ai, path: '/chat' },
    page: { ...own, path: '/chat' },
};


const copy = (value) => structuredClone(value);


function template(form, path, name) {
    const suffix = path.match(/\.?([^.]*\[[^\]]*\])$/)?.[1];

    return copy(form.objects[path] ?? form.objects[`*.${suffix}`]
                ?? (lists.has(name) ? undefined : {}));
}


/* what stands for a marker, wherever it is */

const markers = { cache_control: ephemeral,
                  prompt_cache_breakpoint: breakpoint };


/* { body, path, value }, or undefined if the row has no example */

export function example(form, { field }, dialect) {
    const path = form.at[field] ?? field.replaceAll('tool-*', 'tool-f');
    const steps = segments(path);
    const body = copy(form.base);
    let object = body;
    let at = '';
    let value;

    for (const [i, { name, kind }] of steps.entries()) {
        const last = i === steps.length - 1;

        at += (at ? '.' : '') + name + (kind === undefined ? '' : `[${kind}]`);

        if (last && kind === undefined) {
            value = form.of?.[field]?.[dialect] ?? form.values[field]
                    ?? form.values[path] ?? markers[name];

            if (value === undefined) {
                value = object[name] ?? (name === 'name' ? 'alice'
                        : name === 'content' ? 'Hi' : undefined);
            }

            object[name] = copy(value);
            break;
        }

        const inner = (object[name] !== undefined && kind === undefined
                       && !Array.isArray(object[name]))
                      ? object[name] : template(form, at, name);

        if (inner === undefined) {
            return undefined;
        }

        object[name] = lists.has(name) ? [inner] : inner;
        object = inner;
        value = inner;
    }

    if (value === undefined) {
        return undefined;
    }

    value = copy(value);
    form.around(body, field);

    return { body, path, value };
}
