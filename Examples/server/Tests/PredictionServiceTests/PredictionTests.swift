import ArgumentParser
import Crypto
import Dispatch
import Foundation
import HTTPTypes
import Logging
import NIOCore
import RuntimeAdapter
import Serving
import ServingTesting
import Testing

@testable import PredictionService

/// A server over one trained network, described by a manifest of its family.
private struct PredictionUnderTest: Sendable {
    let pool = WorkerPool(workers: 1, mostWaiting: 4)
    let adapter: RuntimeAdapter<ServedNetwork>
    let registry = PrometheusRegistry()

    init() async throws {
        let root = URL(filePath: #filePath).appending(path: "../../../../../").standardized
        let content = [UInt8](
            try Data(contentsOf: root.appending(path: "models/fashion-mobilenet.h5")))
        func digest(_ bytes: [UInt8]) -> String {
            "sha256:" + SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        }
        var candidate = try CandidateDescription(
            manifest: try Data(contentsOf: root.appending(path: "docs/samples/manifest-1.json")),
            model: "net", reference: "net/p:v1", digest: digest(Array("net".utf8)))
        candidate.fileDigest = digest(content)
        candidate.accuracy = 0.9
        let device = KnownDevice(
            name: ServerCapability.deviceClass, runtime: "onednn", peakGflops: 100,
            memoryBandwidthGBps: 10, layerOverheadUs: 5)
        let source = MemorySource(
            VariantCatalogue([candidate], devices: [device]),
            contents: [candidate.fileDigest: content])
        adapter = try await RuntimeAdapter(
            source: source, loader: NetworkLoader(workers: 1),
            options: AdapterOptions(pinnedLines: ["net/p"]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: registry)
        // The one variant is loaded, so that no test waits for it within its deadline.
        _ = try await adapter.lease(for: ClientContext(model: "net"))
    }

    func test(
        _ body: @Sendable @escaping (TestClient) async throws -> Void
    ) async throws {
        let options = try ServerOptions.parse(["--port", "0"])
        let server = LimitedServer(
            options: options, registry: registry,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = server.router { AdapterHealth(adapter).response }
        PredictionRoutes(
            Predictor(adapter, pool: pool, metrics: registry), keys: ClientKeys(),
            bodyBytes: options.bodyBytes, deadlineMs: 60_000
        ).add(to: server.limited(router))
        try await TestClient.run(
            .inProcess, server, router, addresses: AsyncStream { nil }, body)
    }
}

@Suite struct PredictionTests {
    /// 28 × 28 grey values.
    private let sample = (0..<784).map { Float($0 % 29) / 29 }

    private func binary(_ values: [Float]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for value in values { buffer.writeInteger(value.bitPattern, endianness: .little) }
        return buffer
    }

    private func code(_ response: TestAnswer) throws -> String {
        struct Document: Decodable { let code: String }
        return try JSONDecoder().decode(Document.self, from: Data(response.body.readableBytesView))
            .code
    }

    @Test func bothFormsGiveTheSameNumbers() async throws {
        struct Document: Decodable {
            let shape: [Int]
            let outputs: [Float]
        }
        try await PredictionUnderTest().test { client in
            let raw = try await client.execute(
                uri: "/predict", method: .post, headers: [.contentType: "application/octet-stream"],
                body: binary(sample))
            #expect(raw.status == .ok)
            var buffer = raw.body
            var values: [Float] = []
            while let bits = buffer.readInteger(endianness: .little, as: UInt32.self) {
                values.append(Float(bitPattern: bits))
            }
            #expect(values.count == 10)
            #expect(abs(values.reduce(0, +) - 1) < 1e-5)
            let rows = (0..<28).map { row in Array(sample[row * 28..<(row + 1) * 28]) }
            let nested = try JSONEncoder().encode(rows)
            let json = try await client.execute(
                uri: "/predict?model=net", method: .post,
                headers: [.contentType: "application/json; charset=utf-8"],
                body: ByteBuffer(bytes: nested))
            let document = try JSONDecoder().decode(
                Document.self, from: Data(json.body.readableBytesView))
            #expect(document.shape == [1, 10])
            #expect(document.outputs == values)
        }
    }

    @Test func theHeadersSayWhoAnsweredAndHowLongItTook() async throws {
        try await PredictionUnderTest().test { client in
            let response = try await client.execute(
                uri: "/predict", method: .post, headers: [.accept: "application/json"],
                body: binary(sample))
            func header(_ name: String) throws -> String {
                let field = try #require(HTTPField.Name(name))
                return try #require(response.headers[field])
            }
            #expect(response.headers[.contentType] == "application/json")
            #expect(try header("Variant") == "net/p:v1")
            #expect(try header("Variant-Digest").hasPrefix("sha256:"))
            #expect(try header("Deadline-Met") == "true")
            for name in ["Predicted-Ms", "Inference-Ms", "Total-Ms"] {
                let ms = Double(try header(name))
                #expect(try #require(ms) > 0)
            }
            let metrics = try await client.execute(uri: "/metrics", method: .get)
            let text = String(buffer: metrics.body)
            #expect(text.contains("predictions_total{outcome=\"met\"} 1\n"))
            #expect(text.contains("adapter_observations_total{class=\"class=this-server\"} 1\n"))
        }
    }

    @Test(arguments: [
        ("Deadline-Ms", "0", 503, "deadline-too-short"),
        ("Deadline-Ms", "0.001", 503, "deadline-too-short"),
        ("Deadline-Ms", "soon", 400, "bad-header"), ("Deadline-Ms", "-1", 400, "bad-header"),
        ("Deadline-Ms", "nan", 400, "bad-header"), ("Accuracy-Floor", "2", 400, "bad-header"),
        ("Accuracy-Floor", "0.95", 422, "no-such-accuracy"),
        ("Content-Type", "image/png", 415, "media-type"),
        ("Content-Type", "application/json", 400, "bad-sample"),
    ])
    func whatCannotBeServed(
        header: String, value: String, status: Int, code: String
    ) async throws {
        try await PredictionUnderTest().test { client in
            let response = try await client.execute(
                uri: "/predict", method: .post,
                headers: [try #require(HTTPField.Name(header)): value], body: binary(sample))
            #expect(response.status.code == status)
            #expect(try self.code(response) == code)
        }
    }

    @Test func samplesThatTheNetworkDoesNotTake() async throws {
        try await PredictionUnderTest().test { client in
            for (body, status) in [
                (binary([1, 2, 3]), 422), (binary(sample + [.nan]), 422),
                (binary(Array(sample.dropLast()) + [.nan]), 422),
                (ByteBuffer(string: "xyz"), 400), (ByteBuffer(), 422),
            ] {
                let response = try await client.execute(uri: "/predict", method: .post, body: body)
                #expect(response.status.code == status)
                #expect(try code(response) == "bad-sample")
            }
            let other = try await client.execute(
                uri: "/predict?model=other", method: .post, body: binary(sample))
            #expect(other.status == .notFound)
            #expect(try code(other) == "no-such-model")
        }
    }

    @Test func aQueueThatIsTooLongForTheDeadlineIsNoAnswerAndAWayBack() async throws {
        let service = try await PredictionUnderTest()
        let (gate, pool) = (DispatchSemaphore(value: 0), service.pool)
        let (begun, signal) = AsyncStream.makeStream(of: Void.self)
        let worker = Task {
            try await pool.run(predictedMs: 30_000, deadlineMs: .infinity) {
                signal.finish()
                gate.wait()
            }
        }
        for await _ in begun {}
        try await service.test { client in
            let response = try await client.execute(
                uri: "/predict", method: .post,
                headers: [try #require(HTTPField.Name("Deadline-Ms")): "2000"],
                body: binary(sample))
            #expect(response.status == .serviceUnavailable)
            #expect(try code(response) == "busy")
            let seconds = try #require(response.headers[.retryAfter].flatMap { Int($0) })
            #expect((28...30).contains(seconds))
        }
        gate.signal()
        _ = try await worker.value
        try await service.test { client in
            let response = try await client.execute(
                uri: "/predict", method: .post, body: binary(sample))
            #expect(response.status == .ok)
        }
    }

    @Test func theQueueHasAnEnd() async throws {
        let pool = WorkerPool(workers: 1, mostWaiting: 0)
        let gate = DispatchSemaphore(value: 0)
        let (begun, signal) = AsyncStream.makeStream(of: Void.self)
        let worker = Task {
            try await pool.run(predictedMs: 1, deadlineMs: .infinity) {
                signal.finish()
                gate.wait()
            }
        }
        for await _ in begun {}
        await #expect(throws: WorkerPool.Refusal.full) {
            try await pool.run(predictedMs: 1, deadlineMs: .infinity) {}
        }
        gate.signal()
        _ = try await worker.value
        await #expect(throws: WorkerPool.Refusal.late) {
            try await pool.run(predictedMs: 1, deadlineMs: 0) {}
        }
        _ = try await pool.run(predictedMs: 1, deadlineMs: .infinity) {}
    }
}
