# Fields that the providers' own types have and that no recording contains, in
# answers that are none the worse for them: t/fields/fields.mjs finds them.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

AIStream::defaults(
    config => AIStream::location("aistream_protocol json;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: gemini: unknown parts and metadata of a candidate are ignored
--- http_config eval: AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw(map { "data: $_\r\n\r\n" }
'{"candidates":[{"content":{"parts":[{"toolCall":{"toolType":"GOOGLE_SEARCH","args":{}}},{"toolResponse":{"toolType":"GOOGLE_SEARCH","response":{}}},{"audioTranscription":{"finished":true,"languageCode":"en","speakerLabel":"a","words":[{"word":"x","startOffset":"1s","endOffset":"2s"}]}},{"fileData":{"displayName":"a","mimeType":"image/png","fileUri":"gs://b/c"}},{"videoMetadata":{"fps":1,"startOffset":"1s","endOffset":"2s"}},{"partMetadata":{"a":1},"mediaResolution":{"level":"x","numTokens":1},"mediaProcessing":{},"speechMetadata":{"speaker":"a","style":"b"},"text":"H"}]}}]}',
'{"candidates":[{"content":{"parts":[{"text":"i"}]},"tokenCount":2,"avgLogprobs":-0.1,"continuationToken":"c","logprobsResult":{"logProbabilitySum":-1,"chosenCandidates":[{"logProbability":-1,"token":"x","tokenId":1}],"topCandidates":[{"candidates":[{"logProbability":-1,"token":"x","tokenId":1}]}]},"safetyRatings":[{"overwrittenThreshold":"x","blocked":false}],"urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"https://e.x/u","urlRetrievalStatus":"URL_RETRIEVAL_STATUS_SUCCESS"}]},"groundingMetadata":{"retrievalMetadata":{"googleSearchDynamicRetrievalScore":0.5},"searchEntryPoint":{"renderedContent":"<b>","sdkBlob":"eA=="},"googleMapsWidgetContextToken":"t","imageSearchQueries":["x"],"retrievalQueries":["x"],"sourceFlaggingUris":[{"flagContentUri":"https://e.x/f","sourceId":"s"}],"groundingSupports":[{"confidenceScores":[0.5],"renderedParts":[0],"segment":{"partIndex":0}}],"groundingChunks":[{"web":{"domain":"e.x","uri":"https://e.x/w","title":"W"}},{"maps":{"route":{"distanceMeters":1,"duration":"1s","encodedPolyline":"x"},"placeAnswerSources":{"flagContentUri":"https://e.x/f","reviewSnippets":[{"authorAttribution":{"displayName":"a","photoUri":"p"},"flagContentUri":"f","relativePublishTimeDescription":"d","review":"r","reviewId":"i"}]}}},{"retrievedContext":{"customMetadata":[{"key":"k","numericValue":1,"stringValue":"s","stringListValue":{"values":["a"]}}],"fileSearchStore":"f","mediaId":"m","pageNumber":1,"ragChunk":{"chunkId":"c","fileId":"f"}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"cachedContentTokenCount":3,"initialPromptTokenCount":9,"cacheTokensDetails":[{"modality":"TEXT","tokenCount":1}]},"modelStatus":{"modelStage":"STABLE","retirementTime":"2027-01-01T00:00:00Z"}}')
--- response_body_like: "content":"Hi","sources":\[\{"url":"https://e.x/w","title":"W"\}\],"model":"m-1","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2,"cachedInputTokens":3\}
--- no_error_log
[error]



=== TEST 2: gemini: partial arguments of every type are assembled
--- http_config eval: AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw(map { "data: $_\r\n\r\n" }
'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}}]}}]}',
'{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","numberValue":12345678901234567890},{"jsonPath":"$.b","boolValue":false},{"jsonPath":"$.c","nullValue":"NULL_VALUE"},{"jsonPath":"$.d","stringValue":"x","willContinue":true}],"willContinue":true}}]}}]}',
'{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.d","stringValue":"y"}]}}]},"finishReason":"STOP"}]}')
--- response_body_like: "toolCalls":\[\{"toolCallId":"[^"]+","toolName":"f","args":\{"a":12345678901234567890,"b":false,"c":null,"d":"xy"\}\}\],"model":"m-1","finishReason":"tool-calls"
--- no_error_log
[error]



=== TEST 3: gemini: a blocked prompt with all its fields is content_filtered
--- http_config eval: AIStream::http("", "", "gemini")
--- tcp_reply eval
AIStream::raw('data: {"promptFeedback":{"blockReason":"SAFETY","blockReasonMessage":"no","safetyRatings":[{"blocked":true,"probabilityScore":0.5,"severity":"x","severityScore":0.5}]}}' . "\r\n\r\n")
--- error_code: 400
--- response_body_like: "code":"content_filtered"
--- error_log
failed with 200, content_filtered: "SAFETY"



=== TEST 4: openai: audio, moderation and log probabilities are ignored
--- http_config eval: AIStream::http()
--- tcp_reply eval
AIStream::raw(AIStream::choice('"audio":{"id":"a","data":"eA==","expires_at":1,"transcript":"x"},"function_call":null'), qq{data: {"moderation":{"input":{"type":"moderation_results","results":[{"type":"moderation_result","categories":{"a":true},"category_applied_input_types":{"a":["text"]},"category_scores":{"a":0.5},"flagged":true}]},"output":null},"choices":[]}\n\n}, qq{data: {"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"H","logprob":-1,"bytes":[72],"top_logprobs":[{"token":"H","logprob":-1,"bytes":[72]}]}],"refusal":null}}]}\n\n}, AIStream::finish(), qq{data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"completion_tokens_details":{"text_tokens":2}}}\n\n}, AIStream::done())
--- response_body_like: "content":"Hi","model":"m-1","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2\}
--- no_error_log
[error]



=== TEST 5: responses: events and items of built-in tools are ignored
--- http_config eval: AIStream::http("", "", "responses")
--- tcp_reply eval
AIStream::raw((map { "data: $_\n\n" }
    map({ "{\"type\":\"response.$_\",\"output_index\":0,\"item_id\":\"i\",\"sequence_number\":1,\"delta\":\"x\",\"code\":\"x\",\"stderr\":\"x\"}" } "queued", "mcp_list_tools.failed", "mcp_call.failed", "compaction.compacting", "code_interpreter_call_code.delta", "code_interpreter_call_code.done", "code_interpreter_call.interpreting", "audio.delta", "audio.done", "audio.transcript.delta", "audio.transcript.done", "shell_call_output_content.delta", "shell_call_output_content.done"),
    map({ ("{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"type\":\"$_\",\"id\":\"i\",\"status\":\"in_progress\"}}", "{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{\"type\":\"$_\",\"id\":\"i\",\"created_by\":\"c\",\"output\":\"x\",\"arguments\":\"{}\",\"name\":\"n\",\"content\":[{\"type\":\"output_text\",\"text\":\"no\"}]}}") } "tool_search_call", "tool_search_output", "additional_tools", "computer_call", "function_call_output", "custom_tool_call_output", "image_generation_call", "shell_call", "shell_call_output", "local_shell_call", "apply_patch_call", "apply_patch_call_output", "code_interpreter_call", "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools", "web_search_call", "file_search_call", "compaction"),
    '{"type":"response.output_text.annotation.added","output_index":2,"annotation":{"type":"container_file_citation","container_id":"c","file_id":"f","filename":"n","start_index":0,"end_index":1}}'),
    AIStream::answer("responses", "Hi"))
--- response_body_like: "content":"Hi","model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 6: anthropic: document citations, containers and diagnostics are ignored
--- http_config eval: AIStream::http("", "", "anthropic")
--- tcp_reply eval
my $answer = AIStream::answer("anthropic", "Hi");
$answer =~ s/"content":\[\]/"content":[],"container":{"id":"c","skills":[{"type":"anthropic","skill_id":"s","version":"1"}]},"diagnostics":{"cache_miss_reason":{"type":"tools_changed","cache_missed_input_tokens":3}},"stop_details":null/;
$answer =~ s/("output_tokens":2)/$1,"output_tokens_details":{"thinking_tokens":1},"speed":"standard"/;
AIStream::raw(map({ "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\",\"citation\":$_}}\n\n" } '{"type":"char_location","document_index":0,"start_char_index":0,"end_char_index":1}', '{"type":"page_location","document_index":0,"start_page_number":1,"end_page_number":2}', '{"type":"content_block_location","document_index":0,"start_block_index":0,"end_block_index":1}', '{"type":"search_result_location","search_result_index":0,"source":"s","start_block_index":0,"end_block_index":1}'), map({ "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":$_}\n\n" } '{"type":"server_tool_use","id":"i","name":"n","input":{},"caller":{"type":"code_execution_20250825","tool_id":"t"}}', '{"type":"code_execution_tool_result","content":{"type":"encrypted_code_execution_result","encrypted_stdout":"x","return_code":0,"stderr":""}}', '{"type":"text_editor_code_execution_tool_result","content":{"type":"text_editor_code_execution_str_replace_result","lines":["x"],"new_lines":1,"new_start":1,"old_lines":1,"old_start":1}}', '{"type":"tool_search_tool_result","content":{"type":"tool_search_tool_search_result","tool_references":[]}}'), $answer)
--- response_body_like: "content":"Hi","model":"m-1","finishReason":"stop","usage":\{"inputTokens":9,"outputTokens":2
--- no_error_log
[error]
