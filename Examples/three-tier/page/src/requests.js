// Requests to the service. What fails is a Failure whose message is meant for the reader.

export class Failure extends Error {
    constructor(message, passes) {
        super(message);
        this.passes = passes; // by itself, when what is away is back
    }
}

async function request(method, path, body) {
    let response;
    try {
        response = await fetch(path, {
            method,
            headers: body ? { "Content-Type": "application/json" } : {},
            body: body && JSON.stringify(body),
        });
    } catch {
        throw new Failure("The service cannot be reached.", true);
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => null);
    if (!response.ok || !answer) {
        throw new Failure(answer?.error ?? `The service answered with ${response.status}.`, response.status === 503);
    }
    return answer;
}

export const list = async () => (await request("GET", "/api/items")).items;
export const add = (text) => request("POST", "/api/items", { text });
export const remove = (id) => request("DELETE", `/api/items/${id}`);
