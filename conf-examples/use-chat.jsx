import { useState } from 'react';
import { useChat } from '@ai-sdk/react';

export default function Chat() {
    const [input, setInput] = useState('');
    const { messages, sendMessage, status, stop, error } = useChat();

    const send = (event) => {
        event.preventDefault();
        sendMessage({ text: input });
        setInput('');
    };

    return <main>
        {messages.map(({ id, role, parts }) => <p key={id}>
            {role}: {parts.map((part) => part.type === 'text' && part.text)}
        </p>)}

        {error && <p role="alert">{error.message}</p>}

        <form onSubmit={send}>
            <input value={input} onChange={(e) => setInput(e.target.value)} />
            {status === 'streaming'
             ? <button type="button" onClick={stop}>Stop</button>
             : <button>Send</button>}
        </form>
    </main>;
}
