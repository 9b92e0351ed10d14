# Fields of a request that are not sent to the provider are named in the header
# X-Aistream-Dropped and in $aistream_dropped; other fields arrive unchanged.

use lib 't/lib';
use AIStream;
use Test::Nginx::Socket 'no_plan';

no_long_string();
no_root_location();

# hosts of public services, one for each dialect, and a compatible service

my @dialects = qw(openai responses anthropic gemini ollama);

my $upstreams = join "", map { <<"END" } @dialects;
    upstream $_ {
        server 127.0.0.1:\$TEST_NGINX_RAND_PORT_2;
        aistream_provider $_ tls=off;
        aistream_key k;
    }
END

my %paths = (openai => "/v1/chat/", responses => "/v1/responses",
             anthropic => "/v1/messages", gemini => "/v1beta/",
             ollama => "/api/");

$upstreams .= "server {\n    listen 127.0.0.1:\$TEST_NGINX_RAND_PORT_2;\n"
    . join("", map { <<"END" } @dialects) . "}\n";
        location $paths{$_} {
            client_body_buffer_size 64k;
            aistream_mock $_ text=\$request_body;
        }
END

$upstreams .= 'log_format dropped "$aistream_attempts [$aistream_dropped]";';

my $locations = join "", map { <<"END" } @dialects;
        location /$_ {
            aistream_pass $_:m-1;
            aistream_protocol text;
        }
END

AIStream::defaults(http_config => AIStream::http($upstreams),
                   tcp_reply => AIStream::echo_body(), config => <<"EOC");
        access_log logs/access.log dropped;
        $locations
        location /compatible {
            aistream_pass provider:m-1;
            aistream_protocol text;
        }
        location /cors {
            aistream_pass provider:m-1;
            aistream_cors https://page.test;
            aistream_protocol text;
        }
        location /fallback {
            aistream_pass provider:m-1 anthropic:m-1;
            aistream_protocol text;
        }
        location /v1/ {
            aistream_pass openai:m-1 anthropic:m-1;
        }
EOC

# a request for a location, with these members beside the prompt

sub asks {
    my ($location, $members) = @_;

    return "POST /$location\n{\"prompt\":\"a\",$members}";
}

# two tools, one of them the client's

sub tools {
    return '"tools":[{"type":"function","function":{"name":"f"}},'
        . '{"type":"web_search_20250305","name":"web_search"}]';
}

AIStream::passthrough();

run_tests();

__DATA__

=== TEST 1: a request without other fields has no header
--- request
POST /compatible
{"messages":[{"role":"user","content":"a"}],"model":"m-1","id":"c-1","stream":true,"max_tokens":9,"temperature":1,"stream_options":{"include_usage":true},"unknown":null}
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "content":"a"
--- access_log
1 [-]



=== TEST 2: unknown fields are named in their order, without their values
--- request eval
main::asks("compatible", '"zeta":"secret-value","service_tier":"flex","alpha":{"beta":1}')
--- response_headers
X-Aistream-Dropped: zeta,service_tier,alpha
--- response_body_unlike: zeta|service_tier|alpha|secret-value
--- access_log
1 [zeta,service_tier,alpha]
--- error_log
aistream: field "service_tier" was dropped
--- no_error_log
secret-value



=== TEST 3: a name with other characters is a question mark, once
--- request eval
main::asks("compatible", '"a b":1,"c,d":1,"ok.a_b-1":1,"":1,"e\\nf":1,"\u00e4":1')
--- response_headers
X-Aistream-Dropped: ?,ok.a_b-1
--- access_log
1 [?,ok.a_b-1]



=== TEST 4: a name is in the header once
--- request eval
main::asks("compatible", '"x":1,"y":1,"x":2')
--- response_headers
X-Aistream-Dropped: x,y



=== TEST 5: the header has whole names in at most 512 bytes
--- request eval
main::asks("compatible", CORE::join ",", map { '"' . "n$_" . "x" x 98 . '":1' } 1 .. 9)
--- response_headers eval
"X-Aistream-Dropped: " . CORE::join ",", map { "n$_" . "x" x 98 } 1 .. 5
--- error_log eval
'aistream: field "n9' . "x" x 98 . '" was dropped'



=== TEST 6: a name of 512 bytes fits, a longer one does not
--- request eval
main::asks("compatible", '"' . "a" x 513 . '":1,"' . "b" x 512 . '":1,"c":1')
--- response_headers eval
"X-Aistream-Dropped: " . "b" x 512



=== TEST 7: an invalid request is answered with the header
--- request
POST /compatible
{"messages":[],"unknown":1,"seed":1}
--- error_code: 400
--- response_headers
X-Aistream-Dropped: unknown
--- access_log
0 [unknown]
--- no_provider



=== TEST 8: an unreachable provider is answered with the header
--- request eval
main::asks("compatible", '"unknown":1,"seed":1')
--- error_code: 502
--- response_headers
X-Aistream-Dropped: unknown
--- no_provider



=== TEST 9: a provider's error is answered with the header
--- tcp_reply eval
AIStream::status(400, "{}")
--- request eval
main::asks("compatible", '"unknown":1')
--- error_code: 400
--- response_headers
X-Aistream-Dropped: unknown



=== TEST 10: a body that is not JSON has no header
--- request
POST /compatible
{"unknown":1,
--- error_code: 400
--- response_headers
X-Aistream-Dropped:
--- no_provider



=== TEST 11: a fallback to another dialect names its own fields
--- tcp_reply eval
AIStream::status(500, "{}")
--- request eval
main::asks("fallback", '"seed":1,"unknown":1,"top_k":5,"presence_penalty":1')
--- response_headers
X-Aistream-Dropped: unknown,seed,presence_penalty
--- response_body_like: "top_k":5
--- access_log
2 [unknown,seed,presence_penalty]



=== TEST 12: fields that the first target dropped and the second has are not named
--- http_config eval
AIStream::http("", "", "anthropic") . <<'END';
    upstream second {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        aistream_provider openai host=second.test tls=off;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_2;
        location / {
            client_body_buffer_size 64k;
            aistream_mock openai text=$request_body;
        }
    }
    log_format dropped "$aistream_attempts [$aistream_dropped]";
END
--- config
        location /chat {
            access_log logs/access.log dropped;
            aistream_pass provider:m-1 second:m-1;
            aistream_protocol text;
        }
--- tcp_reply eval
AIStream::status(500, "{}")
--- request eval
main::asks("chat", '"seed":1,"logit_bias":{"1":2}')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "seed":1.*"logit_bias":\{"1":2\}
--- access_log
2 [-]



=== TEST 13: CORS exposes the header
--- more_headers
Origin: https://page.test
--- request eval
main::asks("cors", '"unknown":1')
--- response_headers_like
Access-Control-Expose-Headers: Retry-After, X-Aistream-Dropped, .*
--- response_headers
X-Aistream-Dropped: unknown



=== TEST 14: openai gets its fields as they came
--- no_provider
--- request eval
main::asks("openai", '"top_p":0.5,"seed":7,"stop":["x"],"frequency_penalty":0.10,"presence_penalty":-1E-1,"logit_bias":{"50256":-100},"verbosity":"low","metadata":{"k":"\\u00e9"},"user":"u","safety_identifier":"s","response_format":{"type":"json_object"}')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "frequency_penalty":0.10,"presence_penalty":-1E-1,"logit_bias":\{"50256":-100\},"verbosity":"low","metadata":\{"k":"\\u00e9"\},"user":"u","safety_identifier":"s"



=== TEST 15: openai has no top_k, compatible services may
--- no_provider
--- request eval
main::asks("openai", '"top_k":5')
--- response_headers
X-Aistream-Dropped: top_k
--- response_body_unlike: top_k



=== TEST 16: compatible services get top_k
--- request eval
main::asks("compatible", '"top_k":5')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "top_k":5



=== TEST 17: responses names what it has no place for
--- no_provider
--- request eval
main::asks("responses", '"top_p":0.5,"seed":7,"stop":["x"],"top_k":5,"frequency_penalty":1,"presence_penalty":1,"logit_bias":{},"verbosity":"low","metadata":{"k":"v"},"user":"u","safety_identifier":"s","response_format":{"type":"json_object"}')
--- response_headers
X-Aistream-Dropped: seed,stop,top_k,frequency_penalty,presence_penalty,logit_bias
--- response_body_like: "metadata":\{"k":"v"\},"user":"u","safety_identifier":"s","text":\{"format":\{"type":"json_object"\},"verbosity":"low"\}



=== TEST 18: anthropic names what it has no place for
--- no_provider
--- request eval
main::asks("anthropic", '"temperature":1,"top_p":0.5,"seed":7,"stop":["x"],"top_k":5,"frequency_penalty":1,"presence_penalty":1,"logit_bias":{},"verbosity":"low","metadata":{"k":"v"},"user":"u","response_format":{"type":"json_object"}')
--- response_headers
X-Aistream-Dropped: top_p,seed,frequency_penalty,presence_penalty,logit_bias,verbosity,metadata,response_format
--- response_body_like: "stop_sequences":\["x"\],"top_k":5,"metadata":\{"user_id":"u"\}



=== TEST 19: gemini names what it has no place for
--- no_provider
--- request eval
main::asks("gemini", '"top_p":0.5,"seed":7,"stop_sequences":["x"],"top_k":5,"frequency_penalty":1.5,"presence_penalty":1,"logit_bias":{},"verbosity":"low","metadata":{"k":"v"},"user":"u","response_format":{"type":"json_object"}')
--- response_headers
X-Aistream-Dropped: logit_bias,verbosity,metadata,user
--- response_body_like: "topK":5,"frequencyPenalty":1.5,"presencePenalty":1\}



=== TEST 20: ollama names what it has no place for
--- no_provider
--- request eval
main::asks("ollama", '"top_p":0.5,"seed":7,"stop":["x"],"top_k":5,"frequency_penalty":1.5,"presence_penalty":1,"logit_bias":{},"verbosity":"low","metadata":{"k":"v"},"user":"u","response_format":{"type":"json_object"}')
--- response_headers
X-Aistream-Dropped: logit_bias,verbosity,metadata,user
--- response_body_like: "top_k":5,"frequency_penalty":1.5,"presence_penalty":1\}



=== TEST 21: a tool that the provider would run is named with its type
--- request eval
main::asks("compatible", main::tools())
--- response_headers
X-Aistream-Dropped: tools.web_search_20250305
--- response_body_like: "tools":\[\{"type":"function","function":\{"name":"f"\}\}\]



=== TEST 22: a choice of a tool that was dropped is named
--- request eval
main::asks("compatible", main::tools() . ',"tool_choice":{"type":"tool","name":"web_search"}')
--- response_headers
X-Aistream-Dropped: tools.web_search_20250305,tool_choice
--- response_body_unlike: tool_choice



=== TEST 23: ollama cannot demand a call
--- no_provider
--- request eval
main::asks("ollama", '"tools":{"f":{}},"tool_choice":"required"')
--- response_headers
X-Aistream-Dropped: tool_choice



=== TEST 24: parallel_tool_calls is sent with tools
--- request eval
main::asks("compatible", '"parallel_tool_calls":false,"tools":{"f":{}}')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "parallel_tool_calls":false



=== TEST 25: parallel_tool_calls is dropped without tools
--- request eval
main::asks("compatible", '"parallel_tool_calls":false')
--- response_headers
X-Aistream-Dropped: parallel_tool_calls



=== TEST 26: parallel_tool_calls for anthropic
--- no_provider
--- request eval
main::asks("anthropic", '"parallel_tool_calls":false,"tools":{"f":{}}')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "tool_choice":\{"type":"auto","disable_parallel_tool_use":true\}



=== TEST 27: disable_parallel_tool_use for openai
--- no_provider
--- request eval
main::asks("openai", '"tools":{"f":{}},"tool_choice":{"type":"any","disable_parallel_tool_use":true}')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "tool_choice":"required","parallel_tool_calls":false



=== TEST 28: disable_parallel_tool_use for gemini is named
--- no_provider
--- request eval
main::asks("gemini", '"tools":{"f":{}},"tool_choice":{"type":"any","disable_parallel_tool_use":true}')
--- response_headers
X-Aistream-Dropped: tool_choice.disable_parallel_tool_use



=== TEST 29: the user of an Anthropic client for openai
--- no_provider
--- request
POST /v1/messages
{"model":"m-1","max_tokens":9,"messages":[{"role":"user","content":"a"}],"metadata":{"user_id":"u1","more":1}}
--- response_headers
X-Aistream-Dropped: metadata.more
--- response_body_like: \\"safety_identifier\\":\\"u1\\"



=== TEST 30: a page's own metadata and user are not the provider's
--- request eval
main::asks("compatible", '"metadata":{"page":{"a":1}},"user":{"name":"u"}')
--- response_headers
X-Aistream-Dropped: metadata,user
--- response_body_unlike: metadata|user"[^,]*name



=== TEST 31: a field of a wrong type is an error
--- request eval
main::asks("compatible", '"frequency_penalty":"high"')
--- error_code: 400
--- response_body_like: "frequency_penalty\\" must be a number.
--- no_provider



=== TEST 32: logprobs is dropped where the events are translated
--- no_provider
--- request eval
main::asks("openai", '"logprobs":true,"top_logprobs":2')
--- response_headers
X-Aistream-Dropped: logprobs,top_logprobs



=== TEST 33: logprobs is sent where the events are passed on
--- passthrough
--- http_config
    upstream public {
        server 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        aistream_provider openai tls=off;
        aistream_key k;
    }
--- config
        location /v1/ {
            aistream_pass public:m-1;
        }
--- request
POST /v1/chat/completions
{"model":"m-1","messages":[{"role":"user","content":"a"}],"logprobs":true,"top_logprobs":2,"stream":true}
--- response_headers
X-Aistream-Dropped:
--- response_body_like: \\"logprobs\\":true,\\"top_logprobs\\":2



=== TEST 34: other members of output_config are named
--- request eval
main::asks("compatible", '"output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}}')
--- response_headers
X-Aistream-Dropped: output_config.effort
--- response_body_like: "response_format"



=== TEST 35: of max_tokens and max_completion_tokens the first is sent
--- request eval
main::asks("compatible", '"max_tokens":5,"max_completion_tokens":7')
--- response_headers
X-Aistream-Dropped: max_completion_tokens
--- response_body_like: "max_tokens":5



=== TEST 36: a prompt beside messages is named
--- request
POST /compatible
{"messages":[{"role":"user","content":"a"}],"prompt":"b","text":"c","agent":"d"}
--- response_headers
X-Aistream-Dropped: prompt,text,agent



=== TEST 37: of a repeated field the first is sent
--- request eval
main::asks("compatible", '"user":"u1","user":"u2"')
--- response_headers
X-Aistream-Dropped:
--- response_body_like: "user":"u1"[^}]*}$



=== TEST 38: a list of fewer tools than there are is named
--- request eval
main::asks("compatible", '"tools":{"f":{},"g":{}},"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}')
--- response_headers
X-Aistream-Dropped: tool_choice.allowed_tools



=== TEST 39: parts that only their own provider knows are named with their type
--- request
POST /compatible
{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"server_tool_use","id":"s1","name":"web_search","input":{}},{"type":"text","text":"b"},{"type":"unheard","x":1}]},{"role":"user","parts":[{"type":"text","text":"c"},{"type":"source-url","url":"https://e.test/"}]}]}
--- response_headers
X-Aistream-Dropped: messages.content.server_tool_use,messages.content.unheard
--- response_body_like: "content":"b"
