
/*
 * Copyright (C) 2026 the aistream authors
 */


/*
 * The tables of rules that classify providers' errors.  Each group names the
 * source of its words.  The first matching rule is used: add a new rule with
 * two tests, of an error that it must match and of an error that it must not.
 *
 * The table of errors in delta/ngx_http_aistream_error.c defines what follows
 * each error (the next key, a retry, the next target).
 */


#include <provider/ngx_http_aistream_provider_error.h>


#define OVERFLOW(text)                                                        \
    ngx_http_aistream_rule_text(text, NGX_HTTP_AISTREAM_E_CONTEXT_LENGTH)
#define ACCOUNT(text)                                                         \
    ngx_http_aistream_rule_text(text, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH)
#define MODEL(text)                                                           \
    ngx_http_aistream_rule_text(text, NGX_HTTP_AISTREAM_E_PROVIDER_MODEL)
#define FILTERED(text)                                                        \
    ngx_http_aistream_rule_text(text, NGX_HTTP_AISTREAM_E_CONTENT_FILTERED)
#define LIMITED(text)                                                         \
    ngx_http_aistream_rule_text(text, NGX_HTTP_AISTREAM_E_RATE_LIMIT)

#define OVERFLOW_CODE(code)                                                   \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_CONTEXT_LENGTH)
#define ACCOUNT_CODE(code)                                                    \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH)
#define MODEL_CODE(code)                                                      \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_PROVIDER_MODEL)
#define FILTERED_CODE(code)                                                   \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_CONTENT_FILTERED)
#define LIMITED_CODE(code)                                                    \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_RATE_LIMIT)
#define OVERLOADED_CODE(code)                                                 \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_OVERLOADED)
#define TIMEOUT_CODE(code)                                                    \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_PROVIDER_TIMEOUT)
#define FAILED_CODE(code)                                                     \
    ngx_http_aistream_rule_code(code, NGX_HTTP_AISTREAM_E_PROVIDER)


/* statuses that are unambiguous whatever the body contains */

const ngx_http_aistream_error_rule_t  ngx_http_aistream_status_errors[] = {

    ngx_http_aistream_rule_status(401, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH),

    /*
     * OpenRouter reports insufficient credit in tokens ("can only afford ...")
     */
    ngx_http_aistream_rule_status(402, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH),

    ngx_http_aistream_rule_status(503, NGX_HTTP_AISTREAM_E_OVERLOADED),
    ngx_http_aistream_rule_status(529, NGX_HTTP_AISTREAM_E_OVERLOADED),

    ngx_http_aistream_rule_end
};


/*
 * openai and responses, the public service and compatible ones: a "code", a
 * "type", or both.
 */

const ngx_http_aistream_error_rule_t  ngx_http_aistream_openai_errors[] = {

    /* platform.openai.com/docs/guides/error-codes */
    OVERFLOW_CODE("context_length_exceeded"),

    /* llama.cpp, tools/server/README.md */
    OVERFLOW_CODE("exceed_context_size_error"),

    /* GitHub Models; Copilot: github.com/earendil-works/pi/issues/129 */
    OVERFLOW_CODE("tokens_limit_reached"),
    OVERFLOW_CODE("model_max_prompt_tokens_exceeded"),

    FILTERED_CODE("content_filter"),
    FILTERED_CODE("content_policy_violation"),

    /* learn.microsoft.com, Azure OpenAI: content filtering */
    FILTERED_CODE("ResponsibleAIPolicyViolation"),

    /* help.aliyun.com, Model Studio: error codes */
    FILTERED_CODE("data_inspection_failed"),
    FILTERED_CODE("DataInspectionFailed"),

    ACCOUNT_CODE("invalid_api_key"),
    ACCOUNT_CODE("authentication_error"),
    ACCOUNT_CODE("permission_error"),
    ACCOUNT_CODE("account_deactivated"),
    ACCOUNT_CODE("access_terminated"),
    ACCOUNT_CODE("unsupported_country_region_territory"),

    /* quota errors last until they are paid for, so a retry does not help */
    ACCOUNT_CODE("insufficient_quota"),
    ACCOUNT_CODE("billing_not_active"),
    ACCOUNT_CODE("billing_hard_limit_reached"),
    ACCOUNT_CODE("billing_error"),

    /* platform.moonshot.ai/docs: error codes */
    ACCOUNT_CODE("invalid_authentication_error"),
    ACCOUNT_CODE("incorrect_api_key_error"),
    ACCOUNT_CODE("exceeded_current_quota_error"),

    /* Model Studio; Groq; docs.z.ai, error codes: no balance */
    ACCOUNT_CODE("Arrearage"),
    ACCOUNT_CODE("organization_restricted"),
    ACCOUNT_CODE("1113"),

    /* Google's codes, from its OpenAI-compatible endpoint */
    ACCOUNT_CODE("API_KEY_INVALID"),
    ACCOUNT_CODE("UNAUTHENTICATED"),
    ACCOUNT_CODE("PERMISSION_DENIED"),
    ACCOUNT_CODE("FAILED_PRECONDITION"),

    MODEL_CODE("model_not_found"),

    /* console.groq.com/docs/errors; Mistral, Perplexity; GitHub Models */
    MODEL_CODE("model_decommissioned"),
    MODEL_CODE("invalid_model"),
    MODEL_CODE("unknown_model"),
    MODEL_CODE("DeploymentNotFound"),

    LIMITED_CODE("rate_limit_exceeded"),
    LIMITED_CODE("rate_limit_error"),
    LIMITED_CODE("rate_limit_reached_error"),
    LIMITED_CODE("RESOURCE_EXHAUSTED"),

    OVERLOADED_CODE("overloaded_error"),
    OVERLOADED_CODE("engine_overloaded_error"),
    OVERLOADED_CODE("server_is_overloaded"),
    OVERLOADED_CODE("slow_down"),
    OVERLOADED_CODE("service_unavailable_error"),
    OVERLOADED_CODE("UNAVAILABLE"),

    TIMEOUT_CODE("timeout_error"),
    TIMEOUT_CODE("DEADLINE_EXCEEDED"),

    /* Groq: the model generated an invalid tool call; a retry may succeed */
    FAILED_CODE("tool_use_failed"),

    ngx_http_aistream_rule_end
};


/* docs.anthropic.com/en/api/errors: the "type" corresponds to the status */

const ngx_http_aistream_error_rule_t
    ngx_http_aistream_anthropic_errors[] =
{
    ACCOUNT_CODE("authentication_error"),
    ACCOUNT_CODE("permission_error"),
    ACCOUNT_CODE("billing_error"),

    MODEL_CODE("not_found_error"),
    LIMITED_CODE("rate_limit_error"),
    OVERLOADED_CODE("overloaded_error"),
    TIMEOUT_CODE("timeout_error"),

    /* 413: the request exceeds 32 MB */
    OVERFLOW_CODE("request_too_large"),

    ngx_http_aistream_rule_end
};


/* ai.google.dev/gemini-api/docs/troubleshooting: a "status", "details" */

const ngx_http_aistream_error_rule_t  ngx_http_aistream_gemini_errors[] = {

    /* with status 400 */
    ACCOUNT_CODE("API_KEY_INVALID"),

    ACCOUNT_CODE("UNAUTHENTICATED"),
    ACCOUNT_CODE("PERMISSION_DENIED"),

    /* the service is not available in our region, or without billing */
    ACCOUNT_CODE("FAILED_PRECONDITION"),

    /* reported with 429, as temporary limits are */
    ACCOUNT("prepayment credits are depleted"),

    MODEL_CODE("NOT_FOUND"),
    LIMITED_CODE("RESOURCE_EXHAUSTED"),
    OVERLOADED_CODE("UNAVAILABLE"),
    TIMEOUT_CODE("DEADLINE_EXCEEDED"),

    /* 499 and 409 are not caused by the client here */
    FAILED_CODE("CANCELLED"),
    FAILED_CODE("ABORTED"),

    ngx_http_aistream_rule_end
};


/* docs.ollama.com/api/errors: text only; some errors are a line of a 200 */

const ngx_http_aistream_error_rule_t  ngx_http_aistream_ollama_errors[] = {

    OVERFLOW("input length exceeds the context length"),
    OVERFLOW("exceeded max context length"),

    MODEL("model '*' not found"),
    MODEL("try pulling it first"),

    ngx_http_aistream_rule_text("server busy", NGX_HTTP_AISTREAM_E_OVERLOADED),

    ngx_http_aistream_rule_status_text(200, "unauthorized",
                                       NGX_HTTP_AISTREAM_E_PROVIDER_AUTH),

    ngx_http_aistream_rule_end
};


/* services that send text only, or the same code for several errors */

const ngx_http_aistream_error_rule_t  ngx_http_aistream_common_errors[] = {

    /* the operator's account: github.com/anthropics/claude-code/issues/4684 */
    ACCOUNT("credit balance is too low"),
    ACCOUNT("organization has been disabled"),
    ACCOUNT("reached your specified api usage limits"),
    ACCOUNT("credential is only authorized for use with"),

    /* xAI, OpenAI: github.com/openai/codex/issues/1352 */
    ACCOUNT("incorrect api key provided"),

    /* xAI: docs.x.ai, debugging */
    ACCOUNT("used all available credits"),
    ACCOUNT("doesn't have any credits"),

    /* Gemini, also in its OpenAI-compatible endpoint */
    ACCOUNT("api key not valid"),
    ACCOUNT("api key not found"),
    ACCOUNT("api key expired"),
    ACCOUNT("user location is not supported"),

    /* Mistral, Perplexity; DeepSeek; OpenRouter; Groq; OpenAI */
    ACCOUNT("invalid api key"),
    ACCOUNT("insufficient balance"),
    ACCOUNT("insufficient credits"),
    ACCOUNT("organization has been restricted"),
    ACCOUNT("account is not active"),
    ACCOUNT("account has been deactivated"),
    ACCOUNT("billing hard limit"),

    /* the prompt or the answer was blocked by a filter */
    FILTERED("blocked by content filtering policy"),
    FILTERED("content violates usage guidelines"),
    FILTERED("your input was flagged"),
    FILTERED("content management policy"),
    FILTERED("limited access to this content for safety reasons"),

    /* Limits per minute mention tokens, too, but are not context overflows. */
    LIMITED("rate limit reached"),
    LIMITED("rate limit exceeded"),
    LIMITED("rate-limited"),
    LIMITED("exceed your organization's rate limit"),
    LIMITED("exceeded your per-minute"),
    LIMITED("too many requests"),
    LIMITED("tokens per min"),
    LIMITED("tokens per day"),
    LIMITED("requests per min"),
    LIMITED("requests per day"),

    /* Bedrock's throttling */
    LIMITED("too many tokens, please wait"),

    /* OpenAI, Moonshot: overload reported with another status */
    ngx_http_aistream_rule_status_text(429, "overloaded",
                                       NGX_HTTP_AISTREAM_E_OVERLOADED),
    ngx_http_aistream_rule_status_text(500, "overloaded",
                                       NGX_HTTP_AISTREAM_E_OVERLOADED),
    ngx_http_aistream_rule_status_text(200, "overloaded",
                                       NGX_HTTP_AISTREAM_E_OVERLOADED),

    /* these statuses do not mean a context overflow, whatever the text */
    ngx_http_aistream_rule_status(403, NGX_HTTP_AISTREAM_E_PROVIDER_AUTH),
    ngx_http_aistream_rule_status(429, NGX_HTTP_AISTREAM_E_RATE_LIMIT),

    /*
     * The model is set in the configuration, so a 400 is not the client's
     * error.
     */

    /* xAI; DeepSeek; OpenRouter; OpenAI; Groq; Mistral, Perplexity */
    MODEL("model not found"),
    MODEL("model not exist"),
    MODEL("is not a valid model id"),
    MODEL("the model `*` does not exist"),
    MODEL("requested model '*' does not exist"),
    MODEL("has been decommissioned"),
    MODEL("invalid model: "),
    MODEL("invalid model '"),

    /*
     * Context overflows.  Those of several services at once:
     * github.com/earendil-works/pi/issues/129, which lists the text of each.
     */

    /* Anthropic; also through Bedrock and Fireworks */
    OVERFLOW("prompt is too long"),
    /* Anthropic: github.com/continuedev/continue/issues/6080 */
    OVERFLOW("exceed context limit"),

    /* OpenAI, DeepSeek, vLLM, OpenRouter, and Mistral after "too large" */
    OVERFLOW("maximum context length"),
    /* OpenAI's Responses: community.openai.com; Codex */
    OVERFLOW("exceeds the context window"),
    OVERFLOW("exceeds the model's context window"),
    OVERFLOW("exceeded the context window"),
    OVERFLOW("context length exceeded"),
    OVERFLOW("context window exceeded"),
    OVERFLOW("context_length_exceeded"),

    /* xAI */
    OVERFLOW("maximum prompt length"),

    /* Bedrock: github.com/anthropics/claude-code/issues/760 */
    OVERFLOW("input is too long for requested model"),
    OVERFLOW("too many input tokens"),

    /* Gemini; Vertex */
    OVERFLOW("input token count*exceeds the maximum number of tokens"),
    OVERFLOW("input token count*model only supports up to"),

    /* Ollama: github.com/earendil-works/pi/issues/2626 */
    OVERFLOW("prompt too long; exceeded"),

    /* OpenRouter: github.com/earendil-works/pi/issues/4943 */
    OVERFLOW("maximum allowed input length"),

    /* Together, SGLang: github.com/earendil-works/pi/issues/6262 */
    OVERFLOW("longer than the model's context length"),
    /* Together, HF's TGI: github.com/BerriAI/litellm/issues/4934 */
    OVERFLOW("`inputs` tokens + `max_new_tokens` must be"),
    OVERFLOW("`inputs` must have less than"),

    /* vLLM: github.com/xorbitsai/inference/issues/3785, vllm/issues/12165 */
    OVERFLOW("longer than the maximum model length"),
    OVERFLOW("too long to fit into the model"),

    /* llama.cpp: tools/server; an overflow within a stream has another text */
    OVERFLOW("available context size"),
    OVERFLOW("context size has been exceeded"),
    OVERFLOW("context shift is disabled"),

    /* LM Studio: lmstudio-bug-tracker/issues/546, 1251, 237 */
    OVERFLOW("keep the first*tokens when context the overflows"),
    OVERFLOW("tokens to keep from the initial prompt is greater"),
    OVERFLOW("greater than the context length"),
    OVERFLOW("reached context length of"),

    /* Groq, Cerebras; the same with "per minute" is matched above */
    OVERFLOW("reduce the length of the messages"),

    /* Moonshot: github.com/MoonshotAI/kimi-cli/issues/2011 */
    OVERFLOW("exceeded model token limit"),

    /* MiniMax; Z.ai; Copilot; GitHub Models; Perplexity; Cohere */
    OVERFLOW("context window exceeds limit"),
    OVERFLOW("prompt exceeds max length"),
    OVERFLOW("prompt token count*exceeds the limit"),
    OVERFLOW("request body too large for*max size*tokens"),
    OVERFLOW("length of all messages is too long"),
    OVERFLOW("too many tokens: "),

    /* help.aliyun.com, Model Studio: error codes */
    OVERFLOW("range of input length should be"),

    /* in an event of a 200 response, without a status in the event */
    ngx_http_aistream_rule_status_code(200, "invalid_request_error",
                                       NGX_HTTP_AISTREAM_E_REJECTED),
    ngx_http_aistream_rule_status_code(200, "BadRequestError",
                                       NGX_HTTP_AISTREAM_E_REJECTED),
    ngx_http_aistream_rule_status_code(200, "invalid_prompt",
                                       NGX_HTTP_AISTREAM_E_REJECTED),
    ngx_http_aistream_rule_status_code(200, "INVALID_ARGUMENT",
                                       NGX_HTTP_AISTREAM_E_REJECTED),

    ngx_http_aistream_rule_end
};
