/* useChat of AI SDK 5 and later: they differ in one name. */

import { settled } from './settled.mjs';


export function uiMessageChat({ ai, useChat, useEffect, createElement,
                                createRoot })
{
    return ({ api, body, tool }) => settled((tell) => {
        const transport = new ai.DefaultChatTransport({ api, body });

        function Chat() {
            const chat = useChat({
                transport,
                sendAutomaticallyWhen:
                    ai.lastAssistantMessageIsCompleteWithToolCalls,
                onToolCall({ toolCall }) {
                    if (tool) {
                        const add = chat.addToolOutput ?? chat.addToolResult;

                        add({ tool: toolCall.toolName,
                              toolCallId: toolCall.toolCallId,
                              output: { ...tool, for: toolCall.toolName } });
                    }
                },
            });

            tell(chat);

            useEffect(() => { chat.sendMessage({ text: 'hi' }); }, []);

            return createElement('pre', null, JSON.stringify(chat.messages));
        }

        const root = createRoot(document.body.appendChild(
            document.createElement('div')));

        root.render(createElement(Chat));

    }, (chat) => {
        const [message] = chat.messages.slice(-1);
        const parts = message.role === 'assistant' ? message.parts : [];
        const of = (type) => parts.filter((part) => part.type === type);
        const join = (type) => of(type).map((part) => part.text).join('');
        const usage = message.metadata?.usage;

        return {
            error: chat.error?.message,
            text: join('text'),
            reasoning: join('reasoning'),
            refusal: of('data-refusal').map((part) => part.data).join(''),
            toolCalls: parts
                .filter(({ type }) => type.startsWith('tool-'))
                .map((part) => ({ id: part.toolCallId, input: part.input,
                                  name: part.type.slice(5) })),
            sources: of('source-url').map((part) => part.url),
            files: of('file').map((part) => part.mediaType),
            finish: message.metadata?.finishReason,
            usage: usage && { input: usage.inputTokens,
                              output: usage.outputTokens },
            messages: chat.messages.length,
        };
    });
}
