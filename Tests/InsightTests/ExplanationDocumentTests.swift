import Archive
import Inspection
import OCI
import TestSupport
import Testing

@testable import Insight

@Suite struct ExplanationDocumentTests {
    @Test func sharesHaveOneDigit() {
        #expect(Share.text(1, of: 3) == "33.3 %")
        #expect(Share.text(0, of: 0) == "0 %")
    }
}
