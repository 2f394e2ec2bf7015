import Contexts
import Foundation
import Testing

@Suite struct ProfileReaderTests {
    @Test func readsEveryKey() throws {
        let yaml = """
            schema: 1
            name: phone-4g
            description: Mid-range phone
            device:
              runtime: tfjs-wasm            # free label
              peak-gflops: 12
              memory-bandwidth-gbps: 10.5
              memory-mib: 256
              channel-multiple: 4
              layer-overhead-us: 30
              decode-mib-per-s: 40
              latency-table: tables/pixel-4-wasm.csv
            network:
              bandwidth-mbps: 12
              round-trip-ms: 7e1
            budget:
              inference-ms: 40
              load-ms: 1500
              file-kib: 1024
              peak-memory-mib: 64
              mac-fraction: 0.5
              parameter-fraction: 0.4
              weight-sparsity: 0.7
              max-accuracy-drop: 0.02
            pruning:
              granularity: [weight, channel]
              criterion: geometric-median
              recovery: merge
              protect: ["logits", "stem*"]
              minimum-channels: 8
              minimum-fraction: 0.25
              weight-pattern: "1:4"
              weight-scope: global
              compression: deflate
              compression-level: 9
            """
        let profile = try ProfileReader.read(Data(yaml.utf8), file: "p.yaml")
        #expect(profile.name == "phone-4g")
        #expect(profile.description == "Mid-range phone")
        #expect(
            profile.device
                == Device(
                    runtime: "tfjs-wasm", peakGflops: 12, memoryBandwidthGBps: 10.5,
                    memoryMiB: 256, channelMultiple: 4, layerOverheadUs: 30,
                    decodeMiBPerSecond: 40, latencyTable: "tables/pixel-4-wasm.csv"))
        #expect(profile.network == Network(bandwidthMbps: 12, roundTripMs: 70))
        #expect(
            profile.budget
                == Budget(
                    inferenceMs: 40, loadMs: 1500, fileKiB: 1024, peakMemoryMiB: 64,
                    macFraction: 0.5, parameterFraction: 0.4, weightSparsity: 0.7,
                    maxAccuracyDrop: 0.02))
        #expect(
            profile.pruning
                == PruningOptions(
                    granularity: [.weight, .channel], criterion: .geometricMedian,
                    recovery: .merge, protect: [GlobPattern("logits"), GlobPattern("stem*")],
                    minimumChannels: 8,
                    minimumFraction: 0.25, weightPattern: .oneOfFour, weightScope: .global,
                    compression: .deflate, compressionLevel: 9))
    }

    @Test func keysAreDistinct() {
        // A new key has to be added to the test above, and here.
        #expect(ProfileKey.all.count == 31)
        #expect(Set(ProfileKey.all.map(\.path)).count == ProfileKey.all.count)
    }

    @Test func defaultsAreTheDocumentedOnes() throws {
        let yaml = "schema: 1\nname: p\nbudget:\n  mac-fraction: 0.5\npruning:\n"
        let profile = try ProfileReader.read(Data(yaml.utf8), file: "p.yaml")
        #expect(profile.description.isEmpty)
        #expect(profile.device == nil)
        #expect(profile.network == nil)
        #expect(
            profile.pruning
                == PruningOptions(
                    granularity: [.channel, .weight], criterion: .auto, protect: [],
                    minimumChannels: 1, minimumFraction: 0, weightPattern: .unstructured,
                    weightScope: .global, compression: .deflate, compressionLevel: 6))
        let device = try ProfileReader.read(Data(ContextsTests.profile().utf8), file: "p.yaml")
            .device
        #expect(
            device
                == Device(
                    runtime: "r", peakGflops: 10, memoryBandwidthGBps: 5, memoryMiB: nil,
                    channelMultiple: 1, layerOverheadUs: 0, decodeMiBPerSecond: 100,
                    latencyTable: nil))
    }

    @Test func readsJSONTooAndAByteOrderMark() throws {
        let json = "\u{FEFF}{\"schema\": 1, \"name\": \"p\", \"budget\": {\"file-kib\": 10}}"
        let profile = try ProfileReader.read(Data(json.utf8), file: "p.yaml")
        #expect(profile.budget == Budget(fileKiB: 10))
    }

    @Test func theDeviceLimitsMemoryWhereTheBudgetDoesNot() throws {
        var profile = Profile(
            name: "p",
            device: Device(
                runtime: "r", peakGflops: 1, memoryBandwidthGBps: 1, memoryMiB: 256),
            budget: Budget(fileKiB: 1))
        #expect(profile.limits == Budget(fileKiB: 1, peakMemoryMiB: 256))
        profile.budget.peakMemoryMiB = 64
        #expect(profile.limits == Budget(fileKiB: 1, peakMemoryMiB: 64))
        profile.device = nil
        profile.budget.peakMemoryMiB = nil
        #expect(profile.limits == Budget(fileKiB: 1))
    }

    @Test func encodesWithTheKeysOfTheFormat() throws {
        let yaml = """
            schema: 1
            name: p
            network: {bandwidth-mbps: 8, round-trip-ms: 50}
            budget: {load-ms: 100, weight-sparsity: 0.5}
            pruning: {weight-pattern: "2:4", protect: ["a*"]}
            """
        let profile = try ProfileReader.read(Data(yaml.utf8), file: "p.yaml")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(profile), as: UTF8.self)
        #expect(
            json == """
                {"budget":{"load-ms":100,"weight-sparsity":0.5},"description":"","name":"p",\
                "network":{"bandwidth-mbps":8,"round-trip-ms":50},"pruning":{"compression":\
                "deflate","compression-level":6,"criterion":"auto","granularity":["channel",\
                "weight"],"minimum-channels":1,"minimum-fraction":0,"protect":["a*"],\
                "recovery":"auto","weight-pattern":"2:4","weight-scope":"global"}}
                """)
        #expect(try JSONDecoder().decode(Profile.self, from: Data(json.utf8)) == profile)
    }

    @Test(
        arguments: [
            ("*", "", true), ("*", "anything/at all", true), ("", "", true), ("", "a", false),
            ("stem*", "stem", true), ("stem*", "stem_conv", true), ("stem*", "a_stem", false),
            ("*_bn", "conv_bn", true), ("*_bn", "conv_bn_1", false), ("conv?", "conv1", true),
            ("conv?", "conv", false), ("conv?", "conv12", false), ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false), ("a**b", "ab", true), ("blöck?", "blöck1", true),
        ] as [(String, String, Bool)])
    func globsMatchWholeNames(pattern: String, name: String, matches: Bool) {
        #expect(GlobPattern(pattern).matches(name) == matches)
    }

    @Test func globsDoNotBacktrackForever() {
        let pattern = GlobPattern(String(repeating: "a*", count: 100) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
    }
}
