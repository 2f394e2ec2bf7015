import Foundation
import HTTPTypes
package import Hummingbird
import RuntimeAdapter
package import Serving

/// `GET` and `HEAD` of `/variants/{digest}`: what a file is answered with (RFC 9110, sections 13 and 14).
package struct VariantDownload: Sendable {
    private let shelf: VariantShelf

    /// Downloads from a shelf.
    package init(_ shelf: VariantShelf) { self.shelf = shelf }

    /// Answers with the file, a part of it, or why not.
    ///
    /// - Throws: ``Problem``.
    package func answer(
        _ request: Request, _ context: ServerContext
    ) async throws -> Response {
        let digest = context.parameters.get("digest")?.removingPercentEncoding ?? ""
        guard Self.isDigest(digest) else {
            throw Problem(
                .badRequest, "no-digest",
                "A digest is sha256: and 64 hexadecimal digits in lower case.")
        }
        let file = try await shelf.file(of: digest)
        let tag = EntityTag(digest: digest)
        var headers: HTTPFields = [
            .eTag: tag.text, .cacheControl: "public, max-age=31536000, immutable",
            .acceptRanges: "bytes",
        ]
        if let list = request.headers[.ifMatch], !tag.isIn(list, strongly: true) {
            throw Problem(
                .preconditionFailed, "other-content", "The content has another entity tag.")
        }
        let known = request.headers[values: .ifNoneMatch].joined(separator: ",")
        if tag.isIn(known, strongly: false) {
            headers[.contentLength] = String(file.byteCount)
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/octet-stream"
        headers[.xContentTypeOptions] = "nosniff"
        guard request.method == .get else {
            headers[.contentLength] = String(file.byteCount)
            return Response(status: .ok, headers: headers)
        }
        return try part(of: file, tag, request, headers, context)
    }

    private func part(
        of file: VariantFile, _ tag: EntityTag, _ request: Request, _ headers: HTTPFields,
        _ context: ServerContext
    ) throws(Problem) -> Response {
        var (headers, status) = (headers, HTTPResponse.Status.ok)
        var bytes = 0..<file.byteCount
        // There are no dates here, so that a date in If-Range is that of something else.
        let isSame = request.headers[.ifRange].map { $0 == tag.text } ?? true
        switch isSame ? ByteRange(request.headers[.range], byteCount: file.byteCount) : .whole {
        case .whole: break
        case .part(let part):
            (bytes, status) = (part, .partialContent)
            headers[.contentRange] =
                "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.byteCount)"
        case .unsatisfiable:
            var problem = Problem(
                .rangeNotSatisfiable, "no-such-range", "The file has \(file.byteCount) bytes.")
            problem.headers[.contentRange] = "bytes */\(file.byteCount)"
            throw problem
        }
        return Response(
            status: status, headers: headers,
            body: FileStream(file, bytes).body(for: context))
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 71 && text.hasPrefix("sha256:")
            && text.utf8.dropFirst(7).allSatisfy {
                (48...57).contains($0) || (97...102).contains($0)
            }
    }
}
