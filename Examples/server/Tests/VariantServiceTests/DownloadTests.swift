import HTTPTypes
import NIOCore
import RuntimeAdapter
import ServingTesting
import Testing

@testable import VariantService

/// RFC 9110, sections 13 and 14, without and with a socket.
@Suite struct DownloadTests {
    private static let content = Sample.content(0)
    private static let tag = "\"\(Sample.digest(content))\""

    @Test(arguments: [Transport.inProcess, .socket])
    func theWholeFile(transport: Transport) async throws {
        try await ServiceUnderTest().test(transport) { client in
            let response = try await client.execute(uri: ServiceUnderTest.url(0), method: .get)
            #expect(response.status == .ok)
            #expect(response.headers[.eTag] == Self.tag)
            #expect(response.headers[.acceptRanges] == "bytes")
            #expect(response.headers[.contentType] == "application/octet-stream")
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
            #expect(response.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(response.headers[.contentLength] == "200000")
            #expect(Array(response.body.readableBytesView) == Self.content)
        }
    }

    @Test(arguments: [Transport.inProcess, .socket])
    func aPart(transport: Transport) async throws {
        try await ServiceUnderTest().test(transport) { client in
            let response = try await client.execute(
                uri: ServiceUnderTest.url(0), method: .get,
                headers: [.range: "bytes=65530-140000", .ifRange: Self.tag])
            #expect(response.status == .partialContent)
            #expect(response.headers[.contentRange] == "bytes 65530-140000/200000")
            #expect(response.headers[.contentLength] == "74471")
            #expect(Array(response.body.readableBytesView) == Array(Self.content[65530...140000]))
        }
    }

    @Test func headHasTheHeadersAlone() async throws {
        try await ServiceUnderTest().test(.socket) { client in
            let response = try await client.execute(
                uri: ServiceUnderTest.url(0), method: .head, headers: [.range: "bytes=0-1"])
            #expect(response.status == .ok)
            #expect(response.headers[.contentLength] == "200000")
            #expect(response.headers[.eTag] == Self.tag)
            #expect(response.body.readableBytes == 0)
            // The connection is good for more.
            let next = try await client.execute(uri: "/health", method: .get)
            #expect(next.status == .ok)
        }
    }

    @Test func aRangeThatIsNotThere() async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: ServiceUnderTest.url(0), method: .get, headers: [.range: "bytes=200000-"])
            #expect(response.status == .rangeNotSatisfiable)
            #expect(response.headers[.contentRange] == "bytes */200000")
        }
    }

    @Test func severalRangesAndRangesOfOtherContentGetAll() async throws {
        try await ServiceUnderTest().test { client in
            for headers: HTTPFields in [
                [.range: "bytes=0-1,5-6"], [.range: "bytes=0-1", .ifRange: "\"x\""],
                [.range: "bytes=0-1", .ifRange: "W/\(Self.tag)"],
                [.range: "bytes=0-1", .ifRange: "Sat, 28 Nov 2026 00:00:00 GMT"],
            ] {
                let response = try await client.execute(
                    uri: ServiceUnderTest.url(0), method: .get, headers: headers)
                #expect(response.status == .ok)
                #expect(response.body.readableBytes == 200_000)
            }
        }
    }

    @Test(arguments: [Transport.inProcess, .socket])
    func whatTheClientHasIsNotSentAgain(transport: Transport) async throws {
        try await ServiceUnderTest().test(transport) { client in
            for list in [Self.tag, "W/\(Self.tag)", "\"x\", \(Self.tag)", "*"] {
                let response = try await client.execute(
                    uri: ServiceUnderTest.url(0), method: .get, headers: [.ifNoneMatch: list])
                #expect(response.status == .notModified)
                #expect(response.headers[.eTag] == Self.tag)
                #expect(response.body.readableBytes == 0)
            }
            let other = try await client.execute(
                uri: ServiceUnderTest.url(0), method: .get, headers: [.ifNoneMatch: "\"x\""])
            #expect(other.status == .ok)
            let wrong = try await client.execute(
                uri: ServiceUnderTest.url(0), method: .get, headers: [.ifMatch: "\"x\""])
            #expect(wrong.status == .preconditionFailed)
        }
    }

    @Test func digestsMayBePercentEncoded() async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: ServiceUnderTest.url(0).replacing(":", with: "%3A"), method: .get)
            #expect(response.status == .ok)
        }
    }

    @Test(arguments: [
        "x", "sha256:", "sha256:..%2F..%2Fetc%2Fpasswd",
        "sha256:\(String(repeating: "A", count: 64))",
        "sha256:\(String(repeating: "a", count: 63))é",
        "\(String(repeating: "a", count: 71))",
    ])
    func whatIsNoDigest(text: String) async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(uri: "/variants/\(text)", method: .get)
            #expect(response.status == .badRequest)
        }
    }

    @Test func whatTheSignaturePolicyRefusesIsNotThere() async throws {
        try await ServiceUnderTest().test { client in
            let unknown = try await client.execute(
                uri: "/variants/sha256:\(String(repeating: "a", count: 64))", method: .get)
            let refused = try await client.execute(uri: ServiceUnderTest.url(2), method: .get)
            #expect(unknown.status == .notFound)
            #expect(refused.status == .notFound)
            #expect(unknown.body == refused.body)
        }
    }

    @Test func pagesOfAnotherOriginMayAskWhereTheOperatorSaysSo() async throws {
        for (arguments, allowed) in [
            ([], nil), (["--allow-origin", "https://app.example"], "https://app.example"),
        ] {
            try await ServiceUnderTest(arguments).test { client in
                let response = try await client.execute(
                    uri: ServiceUnderTest.url(0), method: .get,
                    headers: [.origin: "https://app.example", .range: "bytes=0-1"])
                #expect(response.status == .partialContent)
                #expect(response.headers[.accessControlAllowOrigin] == allowed)
                let early = try await client.execute(
                    uri: "/select", method: .options, headers: [.origin: "https://app.example"])
                #expect(early.headers[.accessControlAllowOrigin] == allowed)
            }
        }
    }

    @Test func aPlaceIsTakenUntilTheBodyIsWritten() async throws {
        let service = try await ServiceUnderTest(["--requests", "1"])
        try await service.test(.socket) { client in
            // One after the other each finds the only place free.
            for _ in 0..<20 {
                let response = try await client.execute(uri: ServiceUnderTest.url(0), method: .get)
                #expect(response.status == .ok)
            }
        }
    }
}
