
/*
 * Copyright (C) 2026 the aistream authors
 */


#include "ngx_http_aistream_unit_errors.h"


/* context overflows */

ngx_http_aistream_unit_error_t
    ngx_http_aistream_unit_overflows[] =
{
    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"prompt is too long: 214125 tokens > 200000"
      " maximum\"}}", "context_length_exceeded" },

    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"input length and `max_tokens` exceed conte"
      "xt limit: 199759 + 8192 > 200000, decrease input length or `max_"
      "tokens` and try again\"}}", "context_length_exceeded" },

    { "anthropic", 413,
      "{\"type\": \"error\", \"error\": {\"type\": \"request_too_large"
      "\", \"message\": \"Request exceeds the maximum size\"}}",
      "context_length_exceeded" },

    { "anthropic", 200,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"Prompt is too long\"}}",
      "context_length_exceeded" },

    { "anthropic", 400,
      "{\"message\": \"Input is too long for requested model.\"}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"This model's maximum context length "
      "is 8192 tokens. However, your messages resulted in 8202 tokens. "
      "Please reduce the length of the messages.\", \"type\": \"invalid"
      "_request_error\", \"param\": \"messages\", \"code\": \"context_l"
      "ength_exceeded\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Your input exceeds the context windo"
      "w of this model. Please adjust your input and try again.\", \"co"
      "de\": null}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"object\": \"error\", \"message\": \"This model's maximum cont"
      "ext length is 16384 tokens. However, you requested 122946 tokens"
      " (112946 in the messages, 10000 in the completion). Please reduc"
      "e the length of the messages or completion. None\", \"type\": \""
      "BadRequestError\", \"param\": null, \"code\": 400}",
      "context_length_exceeded" },

    { "openai", 200,
      "{\"object\": \"error\", \"message\": \"The decoder prompt (lengt"
      "h 10127) is longer than the maximum model length of 8192.\", \"t"
      "ype\": \"BadRequestError\", \"param\": null, \"code\": 400}",
      "context_length_exceeded" },

    { "openai", 500,
      "{\"detail\": \"[address=0.0.0.0:43769, pid=1065] The decoder pro"
      "mpt (length 66501) is longer than the maximum model length of 65"
      "536.\"}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"The prompt (total length 25938) is t"
      "oo long to fit into the model (context length 4096).\"}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"This model's maximum prompt length i"
      "s 131072 but the request contains 537812 tokens.\"}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"code\": \"invalid-argument\", \"error\": \"This model's maxim"
      "um prompt length is 131072 but the request contains 537812 token"
      "s.\"}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"prompt too long; exceeded max contex"
      "t length by 100918 tokens\", \"type\": \"invalid_request_error\""
      ", \"param\": null, \"code\": null}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"prompt too long; exceeded context le"
      "ngth by 12 tokens\", \"type\": \"invalid_request_error\"}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Input length 131393 exceeds the maxi"
      "mum allowed input length of 131040 tokens.\", \"code\": 400}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"The input (516368 tokens) is longer "
      "than the model's context length (262144 tokens).\"}}",
      "context_length_exceeded" },

    { "openai", 422,
      "{\"error\": \"Input validation error: `inputs` tokens + `max_new"
      "_tokens` must be <= 4097. Given: 80125 `inputs` tokens and 4096 "
      "`max_new_tokens`\", \"error_type\": \"validation\"}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"request (2009 tokens) exceeds the av"
      "ailable context size (512 tokens), try increasing it\", \"code\""
      ": 400, \"type\": \"exceed_context_size_error\"}}",
      "context_length_exceeded" },

    { "openai", 500,
      "{\"error\": {\"message\": \"Context size has been exceeded.\", "
      "\"code\": 500, \"type\": \"server_error\"}}",
      "context_length_exceeded" },

    { "openai", 200,
      "{\"error\": {\"message\": \"context shift is disabled\", \"code"
      "\": 500, \"type\": \"server_error\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": \"Trying to keep the first 15857 tokens when context"
      " the overflows. However, the model is loaded with context length"
      " of only 4096 tokens, which is not enough.\"}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": \"The number of tokens to keep from the initial prom"
      "pt is greater than the context length. Try to load the model wit"
      "h a larger context length, or provide a shorter input\"}",
      "context_length_exceeded" },

    { "openai", 200,
      "{\"error\": {\"message\": \"Reached context length of 4096 token"
      "s with model (arch: qwen3vlmoe) that does not currently support "
      "mid-generation context overflow.\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Please reduce the length of the mess"
      "ages or completion.\", \"type\": \"invalid_request_error\", \"pa"
      "ram\": \"messages\", \"code\": \"context_length_exceeded\"}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Please reduce the length of the mess"
      "ages or completion.\", \"type\": \"invalid_request_error\"}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"object\": \"error\", \"message\": \"Prompt contains 65673 tok"
      "ens and 0 draft tokens, too large for model with 32768 maximum c"
      "ontext length\", \"type\": \"invalid_request_error\", \"code\": "
      "\"3051\"}", "context_length_exceeded" },

    { "openai", 400,
      "{\"object\": \"error\", \"message\": {\"detail\": [{\"msg\": \"P"
      "rompt contains 65673 tokens, too large for model with 32768 maxi"
      "mum context length\"}]}, \"type\": \"invalid_request_error\"}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Invalid request: Your request exceed"
      "ed model token limit: 262144 (requested: 269030)\", \"type\": \""
      "invalid_request_error\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"invalid params, context window excee"
      "ds limit (2013)\", \"type\": \"bad_request_error\"}}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Prompt exceeds max length\", \"code"
      "\": \"1261\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"prompt token count of 131410 exceeds"
      " the limit of 128000\", \"code\": \"model_max_prompt_tokens_exce"
      "eded\"}}", "context_length_exceeded" },

    { "openai", 413,
      "{\"error\": {\"message\": \"Request body too large for gpt-4o mo"
      "del. Max size: 8000 tokens.\", \"code\": \"tokens_limit_reached"
      "\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"The total length of all messages is "
      "too long.\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"message\": \"too many tokens: total number of tokens in the p"
      "rompt cannot exceed 4081 - received 5000.\"}",
      "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"<400> InternalError.Algo.InvalidPara"
      "meter: Range of input length should be [1, 30720]\", \"code\": "
      "\"invalid_parameter_error\"}}", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Provider returned error\", \"code\":"
      " 400, \"metadata\": {\"raw\": \"{\\\"error\\\":{\\\"message\\\":"
      "\\\"This endpoint's maximum context length is 32768 tokens.\\\"}"
      "}\", \"provider_name\": \"X\"}}}", "context_length_exceeded" },

    { "openai", 400,
      "maximum context length is 4096 tokens", "context_length_exceeded" },

    { "gemini", 400,
      "{\"error\": {\"code\": 400, \"message\": \"The input token count"
      " (1048577) exceeds the maximum number of tokens allowed (1048576"
      ").\", \"status\": \"INVALID_ARGUMENT\"}}", "context_length_exceeded" },

    { "gemini", 400,
      "[{\"error\": {\"code\": 400, \"message\": \"Unable to submit req"
      "uest because the input token count is 32769 but model only suppo"
      "rts up to 32768. Reduce the input token count and try again.\", "
      "\"status\": \"INVALID_ARGUMENT\"}}]", "context_length_exceeded" },

    { "openai", 400,
      "{\"error\": {\"message\": \"'max_tokens' or 'max_completion_toke"
      "ns' is too large: 4000. This model's maximum context length is 3"
      "2768 tokens and your request has 30000 input tokens (4000 > 3276"
      "8 - 30000).\", \"type\": \"BadRequestError\", \"code\": 400}}",
      "context_length_exceeded" },

    { "ollama", 400,
      "{\"error\":\"the input length exceeds the context length\"}",
      "context_length_exceeded" },

    { "ollama", 500,
      "{\"error\":\"prompt too long; exceeded max context length by 4 tok"
      "ens\"}", "context_length_exceeded" },

    { "ollama", 200,
      "{\"error\":\"request (9000 tokens) exceeds the available context s"
      "ize (4096 tokens), try increasing it\"}", "context_length_exceeded" },

    { NULL, 0, NULL, NULL }
};


/* errors with similar texts that are not context overflows */

ngx_http_aistream_unit_error_t
    ngx_http_aistream_unit_no_overflows[] =
{
    { "openai", 429,
      "{\"error\": {\"message\": \"Request too large for gpt-4o in orga"
      "nization org-x on tokens per min (TPM): Limit 30000, Requested 5"
      "1000. The input or output tokens must be reduced in order to run"
      " successfully.\", \"type\": \"tokens\", \"code\": \"rate_limit_e"
      "xceeded\"}}", "rate_limit" },

    { "openai", 413,
      "{\"error\": {\"message\": \"Request too large for model `llama-3"
      ".1-8b-instant` in organization `org_x` service tier `on_demand` "
      "on tokens per minute (TPM): Limit 6000, Requested 7000, please r"
      "educe your message size and try again.\", \"type\": \"tokens\", "
      "\"code\": \"rate_limit_exceeded\"}}", "rate_limit" },

    { "openai", 413,
      "{\"error\": {\"message\": \"Request too large on tokens per minu"
      "te (TPM): Limit 6000, Requested 7000, please reduce the length o"
      "f the messages\"}}", "rate_limit" },

    { "openai", 429,
      "{\"error\": {\"message\": \"This model's maximum context length "
      "is fine, but slow down\"}}", "rate_limit" },

    { "openai", 429,
      "{\"error\": {\"message\": \"Too many tokens, please wait before "
      "trying again.\"}}", "rate_limit" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Too many tokens, please wait before "
      "trying again.\"}}", "rate_limit" },

    { "openai", 200,
      "{\"error\": {\"message\": \"Rate limit reached for model: 100000"
      " tokens per min\"}}", "rate_limit" },

    { "anthropic", 429,
      "{\"type\": \"error\", \"error\": {\"type\": \"rate_limit_error\""
      ", \"message\": \"This request would exceed your organization's r"
      "ate limit of 40,000 input tokens per minute. Please reduce the p"
      "rompt length\"}}", "rate_limit" },

    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"max_tokens: 100000 > 8192, which is the ma"
      "ximum allowed number of output tokens for claude-3-5-sonnet-2024"
      "1022\"}}", "invalid_request" },

    { "openai", 400,
      "{\"error\": {\"message\": \"max_tokens is too large: 100000. Thi"
      "s model supports at most 16384 completion tokens, whereas you pr"
      "ovided 100000.\", \"type\": \"invalid_request_error\", \"param\""
      ": \"max_tokens\", \"code\": \"invalid_value\"}}", "invalid_request" },

    { "openai", 400,
      "{\"error\": {\"message\": \"`max_tokens` must be less than or eq"
      "ual to `16384`, the maximum value for `max_tokens` is less than "
      "the `context_window` for this model\", \"type\": \"invalid_reque"
      "st_error\"}}", "invalid_request" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Invalid max_tokens value, the valid "
      "range of max_tokens is [1, 8192]\", \"type\": \"invalid_request_"
      "error\", \"code\": \"invalid_request_error\"}}", "invalid_request" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Range of max_tokens should be [1, 81"
      "92]\"}}", "invalid_request" },

    { "gemini", 400,
      "{\"error\": {\"code\": 400, \"message\": \"Unable to submit requ"
      "est because it has a maxOutputTokens value of 100000 but the sup"
      "ported range is from 1 (inclusive) to 8193 (exclusive).\", \"sta"
      "tus\": \"INVALID_ARGUMENT\"}}", "invalid_request" },

    { "openai", 402,
      "{\"error\": {\"message\": \"Prompt tokens limit exceeded: 25000 "
      "> 4000. To increase, visit https://openrouter.ai/settings/credit"
      "s and upgrade to a paid account\", \"code\": 402}}", "provider_auth" },

    { "openai", 402,
      "{\"error\": {\"message\": \"This request requires more credits, "
      "or fewer max_tokens. You requested up to 65536 tokens, but can o"
      "nly afford 4000\"}}", "provider_auth" },

    { "openai", 500,
      "{\"error\": {\"message\": \"context deadline exceeded\"}}",
      "provider_error" },

    { "openai", 500,
      "{\"error\": {\"message\": \"context canceled\"}}", "provider_error" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Unknown parameter: 'context_manageme"
      "nt'.\"}}", "invalid_request" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Invalid 'metadata': string too long."
      " Expected a string with maximum length 512.\"}}", "invalid_request" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Unsupported parameter: 'max_tokens' "
      "is not supported with this model. Use 'max_completion_tokens' in"
      "stead.\"}}", "invalid_request" },

    { "gemini", 429,
      "{\"error\": {\"code\": 429, \"message\": \"You exceeded your cur"
      "rent quota: input_token_count, limit: 250000\", \"status\": \"RE"
      "SOURCE_EXHAUSTED\"}}", "rate_limit" },

    { "openai", 403,
      "{\"error\": {\"message\": \"This key may not use models with a m"
      "aximum context length of 1M\"}}", "provider_auth" },

    { "openai", 503,
      "{\"error\": {\"message\": \"prompt is too long\"}}", "overloaded" },

    { "ollama", 400,
      "{\"error\":\"context length must be a number\"}", "invalid_request" },

    { NULL, 0, NULL, NULL }
};


/* account, model, limits, filters, client errors */

ngx_http_aistream_unit_error_t
    ngx_http_aistream_unit_others[] =
{
    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"Your credit balance is too low to access t"
      "he Anthropic API. Please go to Plans & Billing to upgrade or pur"
      "chase credits.\"}}", "provider_auth" },

    { "anthropic", 200,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"Your credit balance is too low to access t"
      "he Anthropic API.\"}}", "provider_auth" },

    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"This organization has been disabled.\"}}",
      "provider_auth" },

    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"You have reached your specified API usage "
      "limits. You will regain access on 2026-01-01 at 00:00 UTC.\"}}",
      "provider_auth" },

    { "anthropic", 402,
      "{\"type\": \"error\", \"error\": {\"type\": \"billing_error\", "
      "\"message\": \"x\"}}", "provider_auth" },

    { "anthropic", 403,
      "{\"type\": \"error\", \"error\": {\"type\": \"permission_error\""
      ", \"message\": \"x\"}}", "provider_auth" },

    { "anthropic", 401,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"x\"}}", "provider_auth" },

    { "anthropic", 200,
      "{\"type\": \"error\", \"error\": {\"type\": \"authentication_err"
      "or\", \"message\": \"x\"}}", "provider_auth" },

    { "anthropic", 200,
      "{\"type\": \"error\", \"error\": {\"type\": \"billing_error\", "
      "\"message\": \"x\"}}", "provider_auth" },

    { "openai", 400,
      "{\"code\": \"invalid-argument\", \"error\": \"Incorrect API key "
      "provided: xa***ab. You can obtain an API key from https://consol"
      "e.x.ai.\"}", "provider_auth" },

    { "openai", 403,
      "{\"code\": \"The caller does not have permission to execute the "
      "specified operation\", \"error\": \"x\"}", "provider_auth" },

    { "openai", 429,
      "{\"code\": \"Some resource has been exhausted\", \"error\": \"Yo"
      "ur team has either used all available credits or reached its mon"
      "thly spending limit.\"}", "provider_auth" },

    { "openai", 400,
      "[{\"error\": {\"code\": 400, \"message\": \"API key not valid. P"
      "lease pass a valid API key.\", \"status\": \"INVALID_ARGUMENT\","
      " \"details\": [{\"@type\": \"type.googleapis.com/google.rpc.Erro"
      "rInfo\", \"reason\": \"API_KEY_INVALID\"}]}}]", "provider_auth" },

    { "openai", 400,
      "[{\"error\": {\"code\": 400, \"message\": \"x\", \"status\": \"I"
      "NVALID_ARGUMENT\", \"details\": [{\"reason\": \"API_KEY_INVALID"
      "\"}]}}]", "provider_auth" },

    { "openai", 200,
      "[{\"error\": {\"code\": 400, \"message\": \"User location is not"
      " supported for the API use.\", \"status\": \"FAILED_PRECONDITION"
      "\"}}]", "provider_auth" },

    { "gemini", 400,
      "{\"error\": {\"code\": 400, \"message\": \"x\", \"status\": \"IN"
      "VALID_ARGUMENT\", \"details\": [{\"@type\": \"type.googleapis.co"
      "m/google.rpc.ErrorInfo\", \"reason\": \"API_KEY_INVALID\"}]}}",
      "provider_auth" },

    { "gemini", 400,
      "{\"error\": {\"code\": 400, \"message\": \"API key expired. Plea"
      "se renew the API key.\", \"status\": \"INVALID_ARGUMENT\"}}",
      "provider_auth" },

    { "gemini", 429,
      "{\"error\": {\"code\": 429, \"message\": \"Your prepayment credi"
      "ts are depleted.\", \"status\": \"RESOURCE_EXHAUSTED\"}}",
      "provider_auth" },

    { "gemini", 400,
      "{\"error\": {\"code\": 400, \"message\": \"User location is not "
      "supported for the API use.\", \"status\": \"FAILED_PRECONDITION"
      "\"}}", "provider_auth" },

    { "openai", 429,
      "{\"error\": {\"message\": \"You exceeded your current quota, ple"
      "ase check your plan and billing details.\", \"type\": \"insuffic"
      "ient_quota\", \"code\": \"insufficient_quota\"}}", "provider_auth" },

    { "openai", 200,
      "{\"error\": {\"message\": \"You exceeded your current quota\", "
      "\"type\": \"insufficient_quota\", \"code\": \"insufficient_quota"
      "\"}}", "provider_auth" },

    { "openai", 200,
      "{\"type\": \"error\", \"code\": \"insufficient_quota\", \"messag"
      "e\": \"You exceeded your current quota\", \"param\": null, \"seq"
      "uence_number\": 3}", "provider_auth" },

    { "openai", 429,
      "{\"error\": {\"message\": \"x\", \"type\": \"exceeded_current_qu"
      "ota_error\"}}", "provider_auth" },

    { "openai", 429,
      "{\"error\": {\"message\": \"Your account is not active, please c"
      "heck your billing details on our website.\", \"type\": \"billing"
      "_not_active\", \"code\": \"billing_not_active\"}}", "provider_auth" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Billing hard limit has been reached"
      "\", \"code\": \"billing_hard_limit_reached\"}}", "provider_auth" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Access denied, please make sure your"
      " account is in good standing.\", \"type\": \"Arrearage\", \"code"
      "\": \"Arrearage\"}}", "provider_auth" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Organization has been restricted.\","
      " \"code\": \"organization_restricted\"}}", "provider_auth" },

    { "openai", 402,
      "{\"error\": {\"message\": \"Insufficient Balance\", \"type\": \""
      "unknown_error\", \"code\": \"invalid_request_error\"}}",
      "provider_auth" },

    { "openai", 401,
      "{\"detail\": \"Invalid API Key\"}", "provider_auth" },

    { "openai", 400,
      "{\"detail\": \"Invalid API Key\"}", "provider_auth" },

    { "openai", 401,
      "Unauthorized", "provider_auth" },

    { "openai", 400,
      "{\"code\": \"invalid-argument\", \"error\": \"Model not found: g"
      "rok-nonexistent\"}", "provider_error" },

    { "openai", 400,
      "{\"error\": {\"message\": \"Model Not Exist\", \"type\": \"inval"
      "id_request_error\", \"code\": \"invalid_request_error\"}}",
      "provider_error" },

    { "openai", 400,
      "{\"error\": {\"message\": \"foo/bar is not a valid model ID\", "
      "\"code\": 400}}", "provider_error" },

    { "openai", 400,
      "{\"object\": \"error\", \"message\": \"Invalid model: mistral-x"
      "\", \"type\": \"invalid_model\", \"code\": \"1500\"}",
      "provider_error" },

    { "openai", 400,
      "{\"error\": {\"message\": \"The requested model 'x' does not exi"
      "st.\", \"code\": \"model_not_found\"}}", "provider_error" },

    { "openai", 404,
      "{\"error\": {\"message\": \"x\"}}", "provider_error" },

    { "openai", 429,
      "{\"error\": {\"message\": \"The engine is currently overloaded, "
      "please try again later\", \"type\": \"engine_overloaded_error\"}"
      "}", "overloaded" },

    { "openai", 429,
      "{\"error\": {\"message\": \"x\"}}", "rate_limit" },

    { "openai", 500,
      "{\"error\": {\"message\": \"That model is currently overloaded w"
      "ith other requests.\"}}", "overloaded" },

    { "openai", 503,
      "{\"error\": {\"message\": \"x\", \"type\": \"server_error\"}}",
      "overloaded" },

    { "openai", 503,
      "{\"error\": {\"message\": \"x\", \"type\": \"insufficient_quota"
      "\"}}", "overloaded" },

    { "anthropic", 503,
      "{\"type\": \"error\", \"error\": {\"type\": \"api_error\", \"mes"
      "sage\": \"x\"}}", "overloaded" },

    { "anthropic", 503,
      "{\"type\": \"error\", \"error\": {\"type\": \"rate_limit_error\""
      ", \"message\": \"x\"}}", "overloaded" },

    { "anthropic", 529,
      "{\"type\": \"error\", \"error\": {\"type\": \"overloaded_error\""
      ", \"message\": \"x\"}}", "overloaded" },

    { "anthropic", 500,
      "{\"type\": \"error\", \"error\": {\"type\": \"overloaded_error\""
      ", \"message\": \"x\"}}", "overloaded" },

    { "anthropic", 500,
      "{\"type\": \"error\", \"error\": {\"type\": \"api_error\", \"mes"
      "sage\": \"x\"}}", "provider_error" },

    { "anthropic", 200,
      "{\"type\": \"error\", \"error\": {\"type\": \"api_error\", \"mes"
      "sage\": \"x\"}}", "provider_error" },

    { "anthropic", 504,
      "{\"type\": \"error\", \"error\": {\"type\": \"timeout_error\", "
      "\"message\": \"x\"}}", "provider_timeout" },

    { "openai", 200,
      "{\"error\": {\"message\": \"x\", \"code\": 503}}", "overloaded" },

    { "openai", 200,
      "{\"error\": {\"message\": \"x\", \"code\": \"429\"}}", "rate_limit" },

    { "openai", 200,
      "{\"object\": \"error\", \"message\": \"x\", \"type\": \"Internal"
      "ServerError\", \"code\": 500}", "provider_error" },

    { "gemini", 503,
      "{\"error\": {\"code\": 503, \"message\": \"The model is overload"
      "ed.\", \"status\": \"UNAVAILABLE\"}}", "overloaded" },

    { "gemini", 499,
      "{\"error\": {\"code\": 499, \"message\": \"x\", \"status\": \"CA"
      "NCELLED\"}}", "provider_error" },

    { "openai", 429,
      "{\"error\": {\"message\": \"Provider returned error\", \"code\":"
      " 429, \"metadata\": {\"raw\": \"x is temporarily rate-limited up"
      "stream.\"}}}", "rate_limit" },

    { "openai", 400,
      "{\"error\": {\"message\": \"The response was filtered due to the"
      " prompt triggering Azure OpenAI's content management policy.\", "
      "\"code\": \"content_filter\", \"innererror\": {\"code\": \"Respo"
      "nsibleAIPolicyViolation\"}}}", "content_filtered" },

    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"Output blocked by content filtering policy"
      "\"}}", "content_filtered" },

    { "openai", 403,
      "{\"code\": \"The caller does not have permission\", \"error\": "
      "\"Content violates usage guidelines. Failed check: SAFETY_CHECK_"
      "TYPE\"}", "content_filtered" },

    { "openai", 403,
      "{\"error\": {\"message\": \"openai/x requires moderation on X. Y"
      "our input was flagged for \\\"violence\\\".\", \"code\": 403}}",
      "content_filtered" },

    { "openai", 400,
      "{\"error\": {\"message\": \"x\", \"code\": \"data_inspection_fai"
      "led\"}}", "content_filtered" },

    { "anthropic", 400,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"messages: at least one message is required"
      "\"}}", "invalid_request" },

    { "anthropic", 200,
      "{\"type\": \"error\", \"error\": {\"type\": \"invalid_request_er"
      "ror\", \"message\": \"messages: at least one message is required"
      "\"}}", "invalid_request" },

    { "openai", 200,
      "{\"error\": {\"message\": \"x\", \"type\": \"invalid_request_err"
      "or\"}}", "invalid_request" },

    { "openai", 422,
      "{\"detail\": [{\"type\": \"missing\", \"loc\": [\"body\"], \"msg"
      "\": \"Field required\", \"input\": {}}]}", "invalid_request" },

    { "gemini", 400,
      "{\"error\": {\"code\": 400, \"message\": \"x\", \"status\": \"IN"
      "VALID_ARGUMENT\"}}", "invalid_request" },

    { "openai", 400,
      "", "invalid_request" },

    { "openai", 500,
      "<html><body>prompt is too long</body></html>", "provider_error" },

    { "openai", 200,
      "", "provider_error" },

    { "openai", 500,
      "[]", "provider_error" },

    { "openai", 500,
      "[[[[[[[[[]]]]]]]]]", "provider_error" },

    { "openai", 500,
      "\"overloaded\"", "overloaded" },

    { "openai", 500,
      "null", "provider_error" },

    { "openai", 500,
      "{\"error\":{\"error\":{\"error\":{\"message\":\"prompt is too lo"
      "ng\"}}}}", "context_length_exceeded" },

    { "ollama", 404,
      "{\"error\":\"model \\\"llama9\\\" not found, try pulling it first"
      "\"}", "provider_error" },

    { "ollama", 200,
      "{\"error\":\"model 'llama9' not found\"}", "provider_error" },

    { "ollama", 500,
      "{\"error\":\"server busy, please try again.  maximum pending reque"
      "sts exceeded\"}", "overloaded" },

    { "ollama", 200,
      "{\"error\":\"unauthorized\"}", "provider_auth" },

    { "ollama", 400,
      "{\"error\":\"the key is unauthorized for this option\"}",
      "invalid_request" },

    { NULL, 0, NULL, NULL }
};
