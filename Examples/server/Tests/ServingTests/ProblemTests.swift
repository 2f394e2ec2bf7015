import HTTPTypes
import HummingbirdCore
import Testing

@testable import Serving

@Suite struct ProblemTests {
    @Test func aProblemIsADocumentOfRFC9457() throws {
        let problem = Problem(.serviceUnavailable, "busy", "Come back.").retryAfter(seconds: 1.2)
        let response = problem.response
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(response.headers[.retryAfter] == "2")
        #expect(response.headers[.cacheControl] == "no-store")
    }

    @Test func whenToComeBackIsAWholeNumberOfSeconds() {
        for (seconds, text) in [
            (-1.0, "1"), (0, "1"), (0.001, "1"), (1, "1"), (59.5, "60"), (1e9, "86400"),
            (.infinity, "86400"), (.nan, "1"),
        ] {
            let problem = Problem(.serviceUnavailable).retryAfter(seconds: seconds)
            #expect(problem.headers[.retryAfter] == text, "\(seconds)")
        }
    }

    @Test func aStatusAloneHasWords() {
        let problem = Problem(.notFound)
        #expect(problem.code == "not-found")
        #expect(problem.detail == "Not Found.")
    }
}
