import NIOHTTP1
import Testing

@testable import Distribution

@Suite struct RetryAfterTests {
    @Test(arguments: [
        (["Retry-After": "7"], Duration.seconds(7) as Duration?), (["Retry-After": "-7"], .zero),
        (["Retry-After": "999999999"], .seconds(86_400)),
        (["Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], .seconds(10)),
        (["Retry-After": "Sun, 06 Nov 1994 08:49:27 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], .zero),
        (["Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"], .zero), (["Retry-After": "soon"], nil), ([:], nil),
    ])
    func readsBothForms(headers: [String: String], expected: Duration?) {
        #expect(RetryAfter.pause(HTTPHeaders(headers.map { ($0.key, $0.value) })) == expected)
    }
}
