/* What a provider says, in each dialect: always the same three deltas. */


const openai = {
    before: () => ['data: {"choices":[{"index":0,"delta":{"role":"assistant",'
                   + '"content":""},"finish_reason":null}]}\n\n'],
    delta: (text) => `data: {"choices":[{"index":0,"delta":{"content":"${text}`
                     + '"},"finish_reason":null}]}\n\n',
    finish: () => 'data: {"choices":[{"index":0,"delta":{},'
                  + '"finish_reason":"stop"}]}\n\n',
    done: () => 'data: {"choices":[],"usage":{"prompt_tokens":9,'
                + '"completion_tokens":3}}\n\ndata: [DONE]\n\n',
    error: () => 'data: {"error":{"message":"secret words","type":'
                 + '"server_error","code":null}}\n\n',
    status: () => '{"error":{"message":"secret words","type":"x"}}',
};


const responses = {
    before: () => ['event: response.created\ndata: {"type":"response.created",'
                   + '"response":{"id":"r","status":"in_progress"}}\n\n'],
    delta: (text) => 'event: response.output_text.delta\n'
                     + 'data: {"type":"response.output_text.delta",'
                     + `"output_index":0,"delta":"${text}"}\n\n`,
    finish: () => '',
    done: () => 'event: response.completed\ndata: {"type":'
                + '"response.completed","response":{"status":"completed",'
                + '"usage":{"input_tokens":9,"output_tokens":3}}}\n\n',
    error: () => 'event: error\ndata: {"type":"error","code":"server_error",'
                 + '"message":"secret words"}\n\n',
    status: openai.status,
};


const anthropic = {
    before: () => [
        'event: message_start\ndata: {"type":"message_start","message":{"id":'
        + '"m","type":"message","role":"assistant","model":"c","content":[],'
        + '"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,'
        + '"output_tokens":1}}}\n\n',
        'event: content_block_start\ndata: {"type":"content_block_start",'
        + '"index":0,"content_block":{"type":"text","text":""}}\n\n',
        'event: ping\ndata: {"type":"ping"}\n\n',
    ],
    delta: (text) => 'event: content_block_delta\ndata: {"type":'
                     + '"content_block_delta","index":0,"delta":{"type":'
                     + `"text_delta","text":"${text}"}}\n\n`,
    finish: () => 'event: content_block_stop\ndata: {"type":'
                  + '"content_block_stop","index":0}\n\n'
                  + 'event: message_delta\ndata: {"type":"message_delta",'
                  + '"delta":{"stop_reason":"end_turn","stop_sequence":null},'
                  + '"usage":{"output_tokens":3}}\n\n',
    done: () => 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    error: () => 'event: error\ndata: {"type":"error","error":{"type":'
                 + '"api_error","message":"secret words"}}\n\n',
    status: () => '{"type":"error","error":{"type":"x","message":'
                  + '"secret words"}}',
};


const gemini = {
    before: () => [],
    delta: (text) => 'data: {"candidates":[{"content":{"parts":[{"text":'
                     + `"${text}"}],"role":"model"},"index":0}]}\r\n\r\n`,
    finish: () => 'data: {"candidates":[{"content":{"parts":[{"text":""}],'
                  + '"role":"model"},"finishReason":"STOP","index":0}],'
                  + '"usageMetadata":{"promptTokenCount":9,'
                  + '"candidatesTokenCount":3}}\r\n\r\n',
    done: () => '',
    error: () => 'data: {"error":{"code":500,"message":"secret words",'
                 + '"status":"INTERNAL"}}\r\n\r\n',
    status: () => '{"error":{"code":1,"message":"secret words","status":'
                  + '"UNKNOWN"}}',
};


const ollama = {
    before: () => [],
    delta: (text) => '{"model":"m","created_at":"2025-10-26T17:21:21.196249Z",'
                     + '"message":{"role":"assistant","content":'
                     + `"${text}"},"done":false}\n`,
    finish: () => '',
    done: () => '{"model":"m","created_at":"2025-10-26T17:21:22.196249Z",'
                + '"message":{"role":"assistant","content":""},"done":true,'
                + '"done_reason":"stop","prompt_eval_count":9,'
                + '"eval_count":3}\n',
    error: () => '{"error":"secret words"}\n',
    status: () => '{"error":"secret words"}',
};


export const answers = { openai, responses, anthropic, gemini, ollama };


/* the deltas of a case: no two cases have the same */

export const deltas = (id) => [`One-${id}`, ' two', ' \u00e9\\n.'];

export const text = (id) => `One-${id} two \u00e9\n.`;
