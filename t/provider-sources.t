# Sources of an answer, in every dialect: listed once, and never the reason
# why an answer ends.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# an answer of Gemini's with these members in its last candidate

sub gemini {
    my ($members) = @_;

    return AIStream::raw(
        'data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}'
            . "\r\n\r\n",
        'data: {"candidates":[{"content":{"parts":[{"text":"!"}]},'
            . "\"finishReason\":\"STOP\",$members}]}\r\n\r\n");
}

AIStream::defaults(
    http_config => AIStream::http("", "", "gemini"),
    config => AIStream::location("aistream_protocol json;"),
    request => AIStream::prompt());

run_tests();

__DATA__

=== TEST 1: gemini: grounding chunks of the web are sources
--- tcp_reply eval
::gemini('"groundingMetadata":{"webSearchQueries":["x"],"groundingChunks":[{"web":{"uri":"https://e.x/a","title":"A"}},{"web":{"uri":"https://e.x/b","title":"B"}}],"groundingSupports":[{"segment":{"startIndex":0,"endIndex":2,"text":"Hi"},"groundingChunkIndices":[0]}]}')
--- response_body_like: "content":"Hi!","sources":\[\{"url":"https://e.x/a","title":"A"\},\{"url":"https://e.x/b","title":"B"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 2: gemini: chunks of documents, maps and images are sources
--- tcp_reply eval
::gemini('"groundingMetadata":{"groundingChunks":[{"retrievedContext":{"uri":"https://e.x/r","title":"R","text":"t","ragChunk":{"text":"t","pageSpan":{"firstPage":1,"lastPage":2}}}},{"maps":{"uri":"https://e.x/m","title":"M","placeId":"p","placeAnswerSources":{"reviewSnippets":[{"title":"s","googleMapsUri":"https://e.x/s"}]}}},{"image":{"sourceUri":"https://e.x/i","imageUri":"https://e.x/i.png","title":"I"}}]}')
--- response_body_like: "content":"Hi!","sources":\[\{"url":"https://e.x/r","title":"R"\},\{"url":"https://e.x/m","title":"M"\},\{"url":"https://e.x/i","title":"I"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 3: gemini: chunks without a URL, of unknown kinds and types, are ignored
--- tcp_reply eval
::gemini('"groundingMetadata":{"groundingChunks":[{"retrievedContext":{"title":"R","documentName":"d"}},{"other":{"uri":"https://e.x/o"}},{"web":null},{"web":[]},{"web":{"uri":7}},null,1,"x",[{"web":{}}],{},{"web":{"uri":"https://e.x/a"}}]}')
--- response_body_like: "content":"Hi!","sources":\[\{"url":"https://e.x/a","title":""\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 4: gemini: metadata of another type is ignored
--- tcp_reply eval
::gemini('"groundingMetadata":[1],"citationMetadata":"x"')
--- response_body_like: "content":"Hi!","model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 5: gemini: citationSources, the API's name, are sources
--- tcp_reply eval
::gemini('"citationMetadata":{"citationSources":[{"startIndex":0,"endIndex":2,"uri":"https://e.x/c","license":"mit"},{"startIndex":0,"endIndex":2}]}')
--- response_body_like: "sources":\[\{"url":"https://e.x/c","title":""\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 6: gemini: citations, the package's name, are sources
--- tcp_reply eval
::gemini('"citationMetadata":{"citations":[{"startIndex":0,"endIndex":2,"uri":"https://e.x/c","title":"C"}]}')
--- response_body_like: "sources":\[\{"url":"https://e.x/c","title":"C"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 7: gemini: a source that is chunk and citation is listed once
--- tcp_reply eval
::gemini('"citationMetadata":{"citationSources":[{"uri":"https://e.x/a"}]},"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://e.x/a","title":"A"}}]}')
--- response_body_like: "sources":\[\{"url":"https://e.x/a","title":"A"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 8: gemini: sources of the last event are streamed before the finish
--- config eval
AIStream::location("aistream_protocol ui;")
--- tcp_reply eval
::gemini('"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://e.x/a","title":"A"}}]}')
--- response_body_like: \{"type":"text-delta","id":"[^"]+","delta":"!"\}\n\n(.|\n)*\{"type":"source-url","sourceId":"[^"]+","url":"https://e.x/a","title":"A"\}\n\n(.|\n)*\{"type":"finish","messageMetadata":\{"finishReason":"stop"\}\}\n\ndata: \[DONE\]
--- no_error_log
[error]



=== TEST 9: openai: annotations with and without url_citation are sources
--- http_config eval
AIStream::http()
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), AIStream::choice('"annotations":[{"type":"url_citation","url_citation":{"url":"https://e.x/1","title":"One"}},{"type":"url_citation","url":"https://e.x/2","title":"Two"},null,1,{"url_citation":"x"},{"type":"file_citation","file_id":"f"},{"url_citation":{"url":"https://e.x/3"}}]'), AIStream::ending())
--- response_body_like: "content":"Hi","sources":\[\{"url":"https://e.x/1","title":"One"\},\{"url":"https://e.x/2","title":"Two"\},\{"url":"https://e.x/3","title":""\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 10: openai: annotations of another type are ignored
--- http_config eval
AIStream::http()
--- tcp_reply eval
AIStream::raw(AIStream::delta("Hi"), AIStream::choice('"annotations":{"x":1}'), AIStream::choice('"annotations":"x"'), AIStream::ending())
--- response_body_like: "content":"Hi","model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 11: openai: search_results give citations their titles
--- http_config eval
AIStream::http()
--- tcp_reply eval
AIStream::raw('data: {"citations":["https://e.x/1","https://e.x/2"],"search_results":[{"title":"One","url":"https://e.x/1","date":null},5],"choices":[{"index":0,"delta":{"content":"Hi"}}]}' . "\n\n", 'data: {"citations":7,"search_results":{}}' . "\n\n", AIStream::ending())
--- response_body_like: "content":"Hi","sources":\[\{"url":"https://e.x/1","title":"One"\},\{"url":"https://e.x/2","title":""\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 12: responses: annotations of other types are ignored
--- http_config eval
AIStream::http("", "", "responses")
--- tcp_reply eval
AIStream::raw(map({ "data: {\"type\":\"response.output_text.annotation.added\",\"output_index\":0,\"annotation\":$_}\n\n" } '7', '"x"', '[1]', '{"type":"file_citation","file_id":"f","filename":"a"}', '{"type":"url_citation","url":"https://e.x/1","title":"One"}'), AIStream::answer("responses", "Hi"))
--- response_body_like: "content":"Hi","sources":\[\{"url":"https://e.x/1","title":"One"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]



=== TEST 13: anthropic: citations of other types are ignored
--- http_config eval
AIStream::http("", "", "anthropic")
--- tcp_reply eval
AIStream::raw(map({ "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"citations_delta\",\"citation\":$_}}\n\n" } '7', '"x"', '[1]', '{"type":"char_location","cited_text":"t","document_title":"d"}', '{"type":"web_search_result_location","url":"https://e.x/1","title":"One"}'), AIStream::answer("anthropic", "Hi"))
--- response_body_like: "content":"Hi","sources":\[\{"url":"https://e.x/1","title":"One"\}\],"model":"m-1","finishReason":"stop"
--- no_error_log
[error]
