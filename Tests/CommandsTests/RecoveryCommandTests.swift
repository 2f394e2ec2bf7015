import Foundation
import OrderedJSON
import Testing

/// `prune --calibration`: what a user gets, on 256 real images.
@Suite struct RecoveryCommandTests {
    private struct Bench {
        let folder: URL
        var images: String { folder.appending(path: "images.npy").path }
        var analysis: String { folder.appending(path: "net.analysis.json").path }
        func variant(_ name: String) -> String { folder.appending(path: "\(name).h5").path }

        init() throws {
            folder = try Prune.temporaryFolder()
            let pixels = try Data(
                contentsOf: Prune.root.appending(
                    path: "Tests/PruningTests/Fixtures/fashion-256.bin"))
            var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (256, 28, 28, 1), }"
            header += String(repeating: " ", count: 127 - (header.count + 10) % 128) + "\n"
            var file = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
            withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) {
                file.append(contentsOf: $0)
            }
            try (file + Data(header.utf8) + pixels.prefix(256 * 784)).write(
                to: URL(filePath: images))
        }

        func prune(_ arguments: [String]) throws -> Prune.Result {
            try Prune.run(["--skip-timing"] + arguments)
        }

        /// A run on the MobileNet with the images.
        func calibrated(_ output: String, _ more: [String] = []) throws -> Prune.Result {
            try prune(
                [
                    "--model", Prune.model("fashion-mobilenet"), "--budget", "mac-fraction=0.5",
                    "--calibration", images, "--output", variant(output),
                ] + more)
        }
    }

    private func with(_ body: (Bench) throws -> Void) throws {
        let bench = try Bench()
        defer { try? FileManager.default.removeItem(at: bench.folder) }
        try body(bench)
    }

    @Test func keepsMoreThanPlainPruningAndVerifies() throws {
        try with { bench in
            let result = try bench.calibrated(
                "a", ["--granularity", "channel", "--format", "json"])
            try #require(result.status == 0, "\(result.error)")
            let report = try JSON(parsing: Data(result.output.utf8))
            #expect(try Schema(of: "prune").faults(report) == [])
            let made = try #require(report["variants"]?.array?.first)
            let kept = try #require(made["agreement"]?["share"]?.double)
            let plain = try #require(made["plain-magnitude"]?["agreement"]?["share"]?.double)
            #expect(kept > 0.9)
            #expect(kept > plain + 0.1)
            let layers = try #require(made["recovery"]?["layers"]?.array)
            #expect(layers.count == 12)
            func mean(_ key: String) -> Double {
                layers.compactMap { $0[key]?.double }.reduce(0, +) / Double(layers.count)
            }
            #expect(mean("error-after") < mean("error-before") / 2)

            let base = Prune.model("fashion-mobilenet")
            let without = try Prune.run(["verify", "--model", bench.variant("a"), "--base", base])
            #expect(without.status == 0)
            #expect(
                without.output.contains(
                    "kernels of 12 layers were fitted on 256 samples; give them by --calibration"))
            let again = try Prune.run(
                [
                    "verify", "--model", bench.variant("a"), "--base", base, "--calibration",
                    bench.images,
                ])
            #expect(again.status == 0)
            #expect(again.output.contains("fitted again, they give the same"))
        }
    }

    @Test func analysisIsMadeOnceAndGivesTheSameBytes() throws {
        try with { bench in
            let options = ["--granularity", "channel", "--analysis", bench.analysis]
            let first = try bench.calibrated("a", options)
            try #require(first.status == 0, "\(first.error)")
            let written = try Data(contentsOf: URL(filePath: bench.analysis))
            let second = try bench.calibrated("b", options)
            try #require(second.status == 0, "\(second.error)")
            #expect(try Data(contentsOf: URL(filePath: bench.analysis)) == written)
            let (a, b) = (
                try Data(contentsOf: URL(filePath: bench.variant("a"))),
                try Data(contentsOf: URL(filePath: bench.variant("b")))
            )
            #expect(a == b)

            let other = try bench.prune(
                [
                    "--model", Prune.model("fashion-vgg"), "--budget", "mac-fraction=0.5",
                    "--calibration", bench.images, "--output", bench.variant("c"),
                ] + options)
            #expect(other.status == 65)
            #expect(other.error.contains("is of another network; --force replaces it"))
            let samples = try bench.calibrated("d", options + ["--calibration-samples", "100"])
            #expect(samples.status == 65)
            #expect(samples.error.contains("was made on other samples; --force replaces it"))
        }
    }

    @Test func weightsBecomeZeroOnData() throws {
        try with { bench in
            let result = try bench.prune(
                [
                    "--model", Prune.model("fashion-mobilenet"), "--budget", "weight-sparsity=0.7",
                    "--granularity", "weight", "--calibration", bench.images, "--output",
                    bench.variant("z"), "--format", "json",
                ])
            try #require(result.status == 0, "\(result.error)")
            let report = try JSON(parsing: Data(result.output.utf8))
            let made = try #require(report["variants"]?.array?.first)
            #expect(try #require(made["after"]?["weight-sparsity"]?.double) >= 0.7)
            let kept = try #require(made["agreement"]?["share"]?.double)
            let plain = try #require(made["plain-magnitude"]?["agreement"]?["share"]?.double)
            #expect(kept > plain + 0.3)
            let checked = try Prune.run(
                [
                    "verify", "--model", bench.variant("z"), "--base",
                    Prune.model("fashion-mobilenet"),
                ])
            #expect(checked.status == 0, "\(checked.output)")
        }
    }

    @Test(arguments: [
        (
            ["--criterion", "output-divergence"],
            "--criterion output-divergence needs --calibration"
        ),
        (["--recovery", "reconstruction"], "--recovery reconstruction needs --calibration"),
        (
            ["--analysis", "x.json"],
            "--analysis keeps what is measured on data; give --calibration."
        ),
        (["--recovery", "magic"], "--recovery magic: must be one of auto, none, means, merge"),
    ])
    func optionsThatNeedDataAreRefusedWithoutIt(options: [String], sentence: String) throws {
        try with { bench in
            let result = try bench.prune(
                [
                    "--model", Prune.model("fashion-mobilenet"), "--budget", "mac-fraction=0.5",
                    "--output", bench.variant("n"),
                ] + options)
            #expect(result.status == 64)
            #expect(result.error.contains(sentence))
            #expect(try Prune.names(in: bench.folder) == ["images.npy"])
        }
    }

    @Test func tooFewSamplesAreWarnedOf() throws {
        try with { bench in
            let result = try bench.calibrated(
                "f",
                ["--granularity", "channel", "--calibration-samples", "3", "--criterion", "l2"])
            #expect(result.status == 0)
            #expect(
                result.output.contains("warning: only 3 samples: give at least 64, better 500"))
        }
    }
}
