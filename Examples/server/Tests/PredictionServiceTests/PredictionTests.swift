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
    private static let root = URL(filePath: #filePath).appending(path: "../../../../../")
        .standardized
    let loader = NetworkLoader(workers: 1)
    let adapter: RuntimeAdapter<ServedNetwork>
    let registry = PrometheusRegistry()

    /// - Parameter gflops: what the server is said to sustain.
    init(gflops: Double = 100) async throws {
        let content = [UInt8](
            try Data(contentsOf: Self.root.appending(path: "models/fashion-mobilenet.h5")))
        let device = KnownDevice(
            name: ServerCapability.deviceClass, runtime: "onednn", peakGflops: gflops,
            memoryBandwidthGBps: 10, layerOverheadUs: 5)
        let candidates = [
            try Self.candidate("net/p:v1", accuracy: 0.9, work: 8, content),
            try Self.candidate("net/q:v1", accuracy: 0.8, work: 1, content),
        ]
        let source = MemorySource(
            VariantCatalogue(candidates, devices: [device]),
            contents: [candidates[0].fileDigest: content])
        adapter = try await RuntimeAdapter(
            source: source, loader: loader,
            options: AdapterOptions(pinnedLines: ["net/p", "net/q"]),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: registry)
        // Loaded, so that no test waits for them within its deadline.
        while adapter.status.variants.filter({ $0.phase == .ready }).count < 2 {
            await Task.yield()
        }
    }

    /// A variant that a manifest describes whose every layer has so many times the work.
    private static func candidate(
        _ reference: String, accuracy: Double, work: Int, _ content: [UInt8]
    ) throws -> CandidateDescription {
        let data = try Data(contentsOf: root.appending(path: "docs/samples/manifest-1.json"))
        var manifest = try #require(
            JSONSerialization.jsonObject(with: data) as? [String: Any])
        var workload = try #require(manifest["workload"] as? [String: Any])
        var layers = try #require(workload["layers"] as? [[String: Any]])
        for place in layers.indices {
            let count = try #require(layers[place]["multiply-adds"] as? Int)
            layers[place]["multiply-adds"] = count * work
        }
        workload["layers"] = layers
        manifest["workload"] = workload
        var candidate = try CandidateDescription(
            manifest: try JSONSerialization.data(withJSONObject: manifest), model: "net",
            reference: reference, digest: digest(Array(reference.utf8)))
        candidate.fileDigest = digest(content)
        candidate.accuracy = accuracy
        return candidate
    }

    private static func digest(_ bytes: [UInt8]) -> String {
        "sha256:" + SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
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

    /// The variant that answers, or the status.
    private func variant(
        _ client: TestClient, deadlineMs: Int
    ) async throws -> String {
        let response = try await client.execute(
            uri: "/predict", method: .post,
            headers: [try #require(HTTPField.Name("Deadline-Ms")): "\(deadlineMs)"],
            body: binary(sample))
        let name = try #require(HTTPField.Name("Variant"))
        return response.headers[name] ?? "\(response.status)"
    }

    @Test func theLongerTheQueueTheSmallerTheVariant() async throws {
        // 8 and 1 times 5.4 million multiply-adds take some 1.7 and 0.2 s at that rate.
        let service = try await PredictionUnderTest(gflops: 0.05)
        let pool = service.pool
        try await service.test { client in
            #expect(try await variant(client, deadlineMs: 60_000) == "net/p:v1")
            #expect(try await variant(client, deadlineMs: 1000) == "net/q:v1")
            let gate = DispatchSemaphore(value: 0)
            let (begun, signal) = AsyncStream.makeStream(of: Void.self)
            let worker = Task {
                try await pool.run(predictedMs: 59_000, deadlineMs: .infinity) {
                    signal.finish()
                    gate.wait()
                }
            }
            for await _ in begun {}
            let waiting = Task { try await variant(client, deadlineMs: 60_000) }
            while pool.waitingCount == 0 { await Task.yield() }
            gate.signal()
            _ = try await worker.value
            #expect(try await waiting.value == "net/q:v1")
        }
    }

    @Test func whoMeasuredItselfInABadMomentFindsOut() async throws {
        // Both are predicted to take far longer than they do.
        let service = try await PredictionUnderTest(gflops: 0.05)
        try await service.test { client in
            let answered = try await variant(client, deadlineMs: 1000)
            #expect(answered == "net/q:v1")
        }
        let timing = SelfTiming(service.adapter, loader: service.loader, pool: service.pool)
        await timing.round()
        await timing.round()
        try await service.test { client in
            let answered = try await variant(client, deadlineMs: 1000)
            #expect(answered == "net/p:v1")
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
