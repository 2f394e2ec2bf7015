import Foundation
import HTTPTypes
import NIOCore
import ServingTesting
import Testing

@testable import VariantService

@Suite struct SelectTests {
    private func json(_ response: TestAnswer) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(object as? [String: Any])
    }

    @Test func theAnswerNamesTheVariantAndWhereItIs() async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: "/select", method: .post, body: ByteBuffer(string: "{\"client\":\"me\"}"))
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            let answer = try json(response)
            #expect(answer["step"] as? String == "fits")
            #expect((answer["reason"] as? String)?.isEmpty == false)
            #expect(answer["candidates"] == nil)
            let choice = try #require(answer["choice"] as? [String: Any])
            #expect(choice["reference"] as? String == "net/p0:v1")
            #expect(choice["url"] as? String == ServiceUnderTest.url(0))
            #expect(choice["file-bytes"] as? Int == 200_000)
            let file = try await client.execute(
                uri: try #require(choice["url"] as? String), method: .get)
            #expect(Array(file.body.readableBytesView) == Sample.content(0))
        }
    }

    @Test func anExplanationHasEveryCandidate() async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: "/select?explain=1", method: .post,
                body: ByteBuffer(string: "{\"accuracy-floor\":0.85}"))
            let answer = try json(response)
            let candidates = try #require(answer["candidates"] as? [[String: Any]])
            let told = candidates.map { candidate in
                [
                    candidate["reference"] as? String ?? "",
                    (candidate["rejections"] as? [String] ?? []).joined(separator: "; "),
                    candidate["url"] is String ? "url" : "no url",
                ]
            }
            #expect(
                told == [
                    ["net/p2:v1", "not signed by a key that counts", "no url"],
                    ["net/p0:v1", "", "url"],
                    ["net/p1:v1", "accuracy 80 % < 85 % floor", "url"],
                ])
        }
    }

    @Test func whatCannotBeUsedIsSaid() async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: "/select", method: .post,
                body: ByteBuffer(string: "{\"accuracy-floor\":7}"))
            let issues = try #require(try json(response)["issues"] as? [[String: String]])
            #expect(issues.map { $0["key"] } == ["accuracy-floor"])
        }
    }

    @Test(arguments: [
        ("{", 400, "no-json"), ("[]", 400, "no-context"),
        ("{\"device\":{\"peak-gflops\":\"much\"}}", 400, "no-context"),
        (String(repeating: " ", count: 65_537), 413, "too-large"),
    ])
    func aBodyThatIsNoContext(body: String, status: Int, code: String) async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: "/select", method: .post, body: ByteBuffer(string: body))
            #expect(response.status.code == status)
            #expect(response.headers[.contentType] == "application/problem+json")
            let problem = try json(response)
            #expect(problem["code"] as? String == code)
            #expect(problem["status"] as? Int == status)
            #expect(problem["type"] as? String == "about:blank")
        }
    }

    @Test func whatIsNotThereIsAProblemToo() async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(uri: "/etc/passwd", method: .get)
            #expect(response.status == .notFound)
            #expect(try json(response)["code"] as? String == "not-found")
        }
    }

    @Test func reportsAreCountedForWhoTheyComeFrom() async throws {
        try await ServiceUnderTest().test { client in
            func report(_ number: Int, _ client: TestClient) async throws
                -> TestAnswer
            {
                let digest = Sample.digest(Array("artifact 0".utf8))
                return try await client.execute(
                    uri: "/observations", method: .post,
                    body: ByteBuffer(
                        string: """
                            {"context": {"client": "liar-\(number)", "device": {"peak-gflops": 12,
                             "memory-bandwidth-gbps": 10}}, "digest": "\(digest)", "inference-ms": 3}
                            """))
            }
            let first = try await report(0, client)
            #expect(first.status == .ok)
            let told = try #require(try json(first)["inference-ms"] as? [String: Any])
            #expect(told["outcome"] as? String == "accepted")
            #expect(told["weight"] as? Double == 1)
            // The keys in the bodies are others each time, and do not count.
            var last = first
            for number in 1...40 { last = try await report(number, client) }
            #expect(last.status == .tooManyRequests)
            #expect(last.headers[.retryAfter] == "1")
        }
    }

    @Test func keysInBodiesCountWhereTheOperatorSaysSo() async throws {
        try await ServiceUnderTest(believesKeys: true).test { client in
            let digest = Sample.digest(Array("artifact 0".utf8))
            for number in 0..<40 {
                let response = try await client.execute(
                    uri: "/observations", method: .post,
                    body: ByteBuffer(
                        string: """
                            {"context": {"client": "known-\(number)", "device": {"peak-gflops": 12,
                             "memory-bandwidth-gbps": 10}}, "digest": "\(digest)", "inference-ms": 3}
                            """))
                #expect(response.status == .ok)
            }
        }
    }

    @Test(arguments: ["{}", "{\"digest\": 3}", "nonsense"])
    func aReportThatIsNone(body: String) async throws {
        try await ServiceUnderTest().test { client in
            let response = try await client.execute(
                uri: "/observations", method: .post, body: ByteBuffer(string: body))
            #expect(response.status == .badRequest)
            #expect(try json(response)["code"] as? String == "no-observation")
        }
    }

    @Test func healthAndMetrics() async throws {
        try await ServiceUnderTest().test { client in
            let health = try await client.execute(uri: "/health", method: .get)
            #expect(health.status == .ok)
            #expect(
                String(buffer: health.body)
                    == "{\"loaded\":0,\"revision\":1,\"status\":\"ok\",\"variants\":2}")
            _ = try await client.execute(
                uri: "/select", method: .post, body: ByteBuffer(string: "{}"))
            let metrics = try await client.execute(uri: "/metrics", method: .get)
            #expect(metrics.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let text = String(buffer: metrics.body)
            #expect(text.contains("adapter_selections_total{step=\"fits\"} 1\n"))
            #expect(
                text.contains(
                    "http_requests_total{method=\"POST\",route=\"/select\",status=\"200\"} 1\n"))
        }
    }
}
