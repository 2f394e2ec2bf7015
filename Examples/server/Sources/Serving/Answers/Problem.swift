import Foundation
package import HTTPTypes
package import Hummingbird
import NIOCore

/// Why a request is not answered as it was meant to be, as RFC 9457 has it: `application/problem+json`.
///
/// Nothing in one comes from inside the server: neither paths nor errors of the operating system.
package struct Problem: Error, Sendable, Hashable {
    /// The status of the answer.
    package let status: HTTPResponse.Status
    /// What programs tell problems apart by, such as `no-such-variant`.
    package let code: String
    /// One sentence for people.
    package let detail: String
    /// Headers beside the content type, such as `Retry-After`.
    package var headers: HTTPFields = [:]

    /// A problem with its words.
    package init(_ status: HTTPResponse.Status, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    /// A problem of which the status says everything.
    package init(_ status: HTTPResponse.Status) {
        let title = status.reasonPhrase.isEmpty ? "Error" : status.reasonPhrase
        self.init(status, title.lowercased().replacing(" ", with: "-"), "\(title).")
    }

    /// The same, and when to come back; seconds are rounded up to at least one.
    package func retryAfter(seconds: Double) -> Problem {
        var copy = self
        let whole = min(max(seconds.rounded(.up), 1), 86_400)
        copy.headers[.retryAfter] = String(Int(whole.isNaN ? 1 : whole))
        return copy
    }
}

extension Problem {
    private struct Document: Encodable {
        let type = "about:blank"
        let title: String
        let status: Int
        let detail: String
        let code: String
    }

    /// The answer.
    package var response: Response {
        let document = Document(
            title: status.reasonPhrase, status: status.code, detail: detail, code: code)
        var response = JSONAnswer.response(document, status: status)
        response.headers[.contentType] = "application/problem+json"
        for field in headers { response.headers[field.name] = field.value }
        return response
    }
}

/// Makes answers of values.
package enum JSONAnswer {
    /// A value as JSON, its keys in order; a value that JSON cannot hold is answered by status 500.
    package static func response(
        _ value: some Encodable, status: HTTPResponse.Status = .ok
    ) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            return Response(status: .internalServerError)
        }
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
