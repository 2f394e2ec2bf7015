import Contexts
import Foundation
import Testing
import VariantStore

@Suite struct VariantManifestTests {
    static let digest = FileDigest(
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", byteCount: 3)

    static var sample: VariantManifest {
        let costs = Costs(
            inferenceMs: 1.5, fileBytes: 4096, peakMemoryBytes: 8192, multiplyAdds: 1000,
            parameters: 10)
        let profile = Profile(
            name: "p", device: Device(runtime: "r", peakGflops: 1, memoryBandwidthGBps: 2),
            budget: Budget(fileKiB: 4))
        let layer = LayerWorkload(
            name: "conv", operation: .convolution, kernel: Window(3, 3), inputChannels: 1,
            outputChannels: 4)
        return VariantManifest(
            tool: VariantManifest.Tool(name: "espalier", version: "0.1.0"),
            base: VariantManifest.Base(
                model: "net",
                file: VariantManifest.File(
                    name: "net.h5", digest: digest, parameters: 20, multiplyAdds: 2000),
                inputShapes: [[nil, 28, 28, 1]]),
            variant: VariantManifest.File(
                name: "net.p.h5", digest: digest, parameters: 10, multiplyAdds: 1000),
            profile: ProfileRecord(
                profile, budget: profile.limits.check(costs, base: costs), criterion: "random:7",
                digests: (digest, nil)),
            plan: .object([
                "schema": .integer(1),
                "list": .array([.real(0.5), .null, .bool(true), .string("a/b")]),
            ]),
            costs: VariantManifest.BeforeAfter(before: costs, after: costs),
            workload: WorkloadSummary(
                layers: [layer], parameterCount: 10, parameterBytes: 40, peakActivationBytes: 16,
                fileBytes: 4096),
            folds: [
                FoldRecord(
                    layer: "conv", into: nil, largestShift: 0.25, largestEdge: 0, isExact: false)
            ],
            proof: .run(
                ProofResult(
                    source: .random(seed: 1), inputs: 4, largestDifference: 1e-7,
                    relativeDifference: 2e-7, tolerance: 1e-4,
                    worst: ProofResult.Place(
                        layer: "conv", input: 3, index: [0, 2], masked: 0.5, shrunk: 0.25))),
            accuracy: AccuracyRecord(
                metric: "top-1", dataSHA256: digest.sha256, samples: 100, before: 0.9, after: 0.89))
    }

    private func error(_ text: String) -> VariantStoreError? {
        do {
            _ = try VariantManifest(parsing: Data(text.utf8), file: "f")
            return nil
        } catch { return error }
    }

    private func changed(_ change: (inout [String: Any]) -> Void) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Self.sample.encoded())
        var members = try #require(object as? [String: Any])
        change(&members)
        return String(
            decoding: try JSONSerialization.data(withJSONObject: members), as: UTF8.self)
    }

    @Test func comesBackAsItWas() throws {
        let bytes = try Self.sample.encoded()
        let back = try VariantManifest(parsing: bytes, file: "f")
        #expect(back == Self.sample)
        #expect(try back.encoded() == bytes)
        #expect(back.profile.criterion == "random:7")
        #expect(back.profile.pruning.criterion == .random)
    }

    @Test(arguments: [
        ProofRecord.notRun(reason: "skipped by request"),
        .run(ProofResult(source: .data(sha256: "00ff"), inputs: 9, tolerance: 1e-4)),
    ])
    func proofsComeBack(proof: ProofRecord) throws {
        var manifest = Self.sample
        manifest.proof = proof
        manifest.accuracy = nil
        #expect(try VariantManifest(parsing: manifest.encoded(), file: "f") == manifest)
    }

    @Test func unknownKeysAreTolerated() throws {
        let text = try changed {
            $0["signature"] = "later"
            var tool = $0["tool"] as? [String: Any]
            tool?["commit"] = "abc"
            $0["tool"] = tool
        }
        #expect(try VariantManifest(parsing: Data(text.utf8), file: "f") == Self.sample)
    }

    @Test func otherVersionsAreTold() throws {
        #expect(
            error(try changed { $0["schema"] = 2 })
                == VariantStoreError(.tooNew(schema: 2), file: "f"))
        #expect(
            error(try changed { $0["schema"] = 0 })
                == VariantStoreError(.tooOld(schema: 0), file: "f"))
        // A later schema may look entirely different.
        #expect(
            error(#"{"kind": "espalier-variant", "schema": 9}"#)
                == VariantStoreError(.tooNew(schema: 9), file: "f"))
    }

    @Test(arguments: [
        "", "{}", "[]", "7", "not json", #"{"schema": 1}"#, #"{"kind": "other", "schema": 1}"#,
        "{\"schema\": 1, \"model\": {}}",
    ])
    func otherDocumentsAreNoManifests(text: String) {
        #expect(error(text) == VariantStoreError(.notAManifest, file: "f"))
    }

    @Test func damageNamesTheKey() throws {
        let missing = error(
            try changed {
                var base = $0["base"] as? [String: Any]
                base?["sha256"] = nil
                $0["base"] = base
            })
        #expect(
            missing
                == VariantStoreError(.damaged, file: "f", key: "base.sha256", detail: "is missing"))
        let wrong = error(
            try changed {
                var workload = $0["workload"] as? [String: Any]
                workload?["parameters"] = -1
                $0["workload"] = workload
            })
        #expect(wrong?.code == .damaged)
        #expect(wrong?.key == "workload.parameters")
        let source = error(
            try changed {
                var proof = $0["proof"] as? [String: Any]
                proof?["source"] = "oracle"
                $0["proof"] = proof
            })
        #expect(source?.key == "proof.source")
    }

    /// Cut anywhere, it is an error of one of two kinds.
    @Test func everyTruncationIsAnError() throws {
        let bytes = try Self.sample.encoded()
        for count in stride(from: 0, to: bytes.count - 2, by: 7) {
            do {
                _ = try VariantManifest(parsing: bytes.prefix(count), file: "f")
                Issue.record("accepted \(count) of \(bytes.count) bytes")
            } catch {
                #expect([.damaged, .notAManifest].contains(error.code), "\(count)")
                if count > bytes.count / 2 { #expect(error.code == .damaged) }
            }
        }
    }

    @Test func deepNestingIsAnError() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(error("{\"base\": \(deep)")?.code == .damaged)
    }
}
