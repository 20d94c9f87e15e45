import Testing

@testable import Diagnosis

/// What git and the programs below it write, as people read it.
@Suite struct GitWordsTests {
    @Test(arguments: [
        (
            "fatal: unable to access 'https://h.example/x.git/': Could not resolve host: h.example",
            "the host name 'h.example' is not known"
        ),
        (
            "fatal: unable to access 'https://127.0.0.1:1/x/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server",
            "nothing answers at that host and port"
        ),
        (
            "ssh: connect to host h.example port 22: Connection refused; fatal: Could not read from remote repository.; Please make sure you have the correct access rights; and the repository exists.",
            "nothing answers at that host and port"
        ),
        (
            "fatal: unable to access 'https://h/': Received HTTP code 407 from proxy after CONNECT",
            "the proxy refuses the tunnel with status 407"
        ),
        (
            "remote: HTTP Basic: Access denied; fatal: Authentication failed for 'https://h.example/x.git/'",
            "the server refuses the login, or asks for one; the server says: HTTP Basic: Access denied"
        ),
        (
            "fatal: unable to access 'https://h/': server certificate verification failed. CAfile: none CRLfile: none",
            "nobody whom this machine trusts signed the server's certificate, or it is not valid now"
        ),
        (
            "fatal: unable to access 'https://h/': The requested URL returned error: 503",
            "the server failed with status 503"
        ),
        ("fatal: something new; error: and more", "something new; and more"),
        ("remote: ; fatal: early EOF", "the connection broke off"),
        ("", "git tells no reason"),
    ])
    func areSentences(reason: String, sentence: String) { #expect(GitWords(reason).sentence == sentence) }

    @Test(arguments: [
        ("fatal: could not read Username for 'https://h.example': terminal prompts disabled", "GIT_AUTH_TOKEN"),
        ("Host key verification failed.; fatal: Could not read from remote repository.", "known_hosts"),
        ("git@h.example: Permission denied (publickey).", "ssh-add"),
    ])
    func letOneIn(reason: String, word: String) { #expect(GitWords(reason).hint?.contains(word) == true) }
}
