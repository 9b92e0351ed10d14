/* Ten turns with the platform's own WebSocket; prints the answers as JSON. */

const [, , url, id] = process.argv;
const socket = new WebSocket(url);
const answers = [];
let text = '';


const ask = () => socket.send(JSON.stringify({
    sessionId: id, text: `question ${answers.length}` }));


socket.onopen = ask;

socket.onmessage = ({ data }) => {
    const event = JSON.parse(data);

    if (event.type === 'chunk') {
        text += event.chunk;
        return;
    }

    answers.push(event.type === 'done' ? text : event);
    text = '';

    if (answers.length === 10) {
        socket.close(1000);
        return;
    }

    ask();
};

socket.onclose = ({ code, wasClean }) => {
    console.log(JSON.stringify({ answers, code, wasClean }));
};
