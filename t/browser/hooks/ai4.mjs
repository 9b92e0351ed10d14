/* useChat of AI SDK 4, in a page: window.chat() asks and tells the end. */

import { createElement, useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { useChat } from '@ai-sdk/react-1';

import { settled } from './settled.mjs';


window.chat = ({ api, body, tool }) => settled((tell) => {
    function Chat() {
        const chat = useChat({
            api, body, maxSteps: 3,
            onToolCall: ({ toolCall }) => tool && {
                ...tool, for: toolCall.toolName,
            },
            onFinish: (_, options) => { tell.finish = options; },
        });

        tell(chat);

        useEffect(() => {
            chat.append({ role: 'user', content: 'hi' });
        }, []);

        return createElement('pre', null, JSON.stringify(chat.messages));
    }

    const root = createRoot(document.body.appendChild(
        document.createElement('div')));

    root.render(createElement(Chat));

}, (chat, { finish }) => {
    const [message] = chat.messages.slice(-1);
    const parts = message.role === 'assistant' ? message.parts : [];
    const of = (type) => parts.filter((part) => part.type === type);

    return {
        error: chat.error?.message,
        text: of('text').map((part) => part.text).join(''),
        reasoning: of('reasoning').map((part) => part.reasoning).join(''),
        refusal: (message.annotations ?? [])
            .map((note) => note.refusal).join(''),
        toolCalls: of('tool-invocation')
            .map(({ toolInvocation: call }) => (
                { id: call.toolCallId, name: call.toolName,
                  input: call.args })),
        sources: of('source').map((part) => part.source.url),
        files: of('file').map((part) => part.mimeType),
        finish: finish?.finishReason,
        usage: finish && { input: finish.usage.promptTokens,
                           output: finish.usage.completionTokens },
    };
});
