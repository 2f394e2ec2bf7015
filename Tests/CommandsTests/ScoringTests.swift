import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing
import VariantStore

/// `--data` and `--calibration`: accuracy floors, agreement, proofs on samples.
@Suite struct ScoringTests {
    /// Random images as numpy stores them, labelled by what a shipped network says of them.
    private struct Samples {
        static let count = 200
        let folder: URL
        /// With labels beside it.
        var labelled: String { folder.appending(path: "x.npy").path }
        /// Without.
        var plain: String { folder.appending(path: "plain.npy").path }
        var images: [Float] = []

        init(labelledBy name: String) throws {
            folder = try Prune.temporaryFolder()
            // Numerical Recipes' generator; blobs rather than noise, so that answers differ.
            var state: UInt32 = 7
            func next() -> Float {
                state = state &* 1_664_525 &+ 1_013_904_223
                return Float(state >> 8) / Float(1 << 24)
            }
            for _ in 0..<Self.count {
                let (top, left, height, width) = (
                    next() * 20, next() * 20, next() * 20 + 4, next() * 20 + 4
                )
                for pixel in 0..<784 {
                    let (row, column) = (Float(pixel / 28), Float(pixel % 28))
                    let isInside =
                        row >= top && row < top + height && column >= left && column < left + width
                    images.append(isInside ? 0.5 + next() / 2 : next() / 4)
                }
            }
            let graph = try KerasModel.read(path: Prune.model(name)).graph
            let model = try PreparedModel(graph, batch: Self.count)
            let outputs = try model.run([Tensor(shape: [Self.count, 28, 28, 1], values: images)])[0]
            let labels = (0..<Self.count).map { sample -> Int32 in
                let row = outputs.values[sample * 10..<(sample + 1) * 10]
                return Int32(row.indices.max { row[$0] < row[$1] }.map { $0 - row.startIndex } ?? 0)
            }
            let data = images.withUnsafeBytes { Data($0) }
            let shape = "(\(Self.count), 28, 28, 1)"
            try Self.write(data, "<f4", shape, to: labelled)
            try Self.write(data, "<f4", shape, to: plain)
            try Self.write(
                labels.withUnsafeBytes { Data($0) }, "<i4", "(\(Self.count),)",
                to: folder.appending(path: "y.npy").path)
        }

        private static func write(_ data: Data, _ type: String, _ shape: String, to path: String)
            throws
        {
            var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
            header += String(repeating: " ", count: 63 - (header.count + 10) % 64) + "\n"
            var file = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
            withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) {
                file.append(contentsOf: $0)
            }
            try (file + Data(header.utf8) + data).write(to: URL(filePath: path))
        }
    }

    private func with(
        _ name: String,
        _ body: (Samples, (_ arguments: [String]) throws -> Prune.Result) throws -> Void
    ) throws {
        let samples = try Samples(labelledBy: name)
        defer { try? FileManager.default.removeItem(at: samples.folder) }
        try body(samples) { arguments in
            try Prune.run(
                [
                    "--model", Prune.model(name), "-o", samples.folder.appending(path: "v.h5").path,
                    "--granularity", "channel", "--skip-timing", "--format", "json",
                ] + arguments)
        }
    }

    @Test func accuracyStandsInReportAndManifest() throws {
        try with("fashion-vgg") { samples, prune in
            let result = try prune(["--budget", "mac-fraction=0.8", "--data", samples.labelled])
            #expect(result.status == 0, "\(result.error)")
            let output = try JSON(parsing: result.output)
            #expect(try Schema(of: "prune").faults(output) == [])
            let report = output["variants"]?[0]
            // The labels are the original's own answers.
            #expect(report?["accuracy"]?["before"]?.double == 1)
            #expect(report?["accuracy"]?["samples"]?.integer == Samples.count)
            #expect(report?["accuracy"]?["after"] == report?["agreement"]?["share"])
            let file = samples.folder.appending(path: "v.h5.manifest.json")
            let manifest = try JSON(parsing: Data(contentsOf: file))
            #expect(try Schema(of: "manifest").faults(manifest) == [])
            #expect(manifest["accuracy"]?["after"] == report?["accuracy"]?["after"])
            #expect(manifest["costs"]?["after"]?["accuracy"] == report?["accuracy"]?["after"])

            let arguments = [
                "verify", "--model", samples.folder.appending(path: "v.h5").path, "--base",
                Prune.model("fashion-vgg"), "--data", samples.labelled,
            ]
            let verified = try Prune.run(arguments + ["--format", "json"])
            #expect(verified.status == 0, "\(verified.error)")
            let check = try JSON(parsing: verified.output)["checks"]?.array?.last
            #expect(check?["check"] == "accuracy")
            #expect(check?["holds"] == true)

            // A manifest that claims more than there is.
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacingOccurrences(of: "\"before\" : 1,", with: "\"before\" : 0.5,")
                .write(to: file, atomically: false, encoding: .utf8)
            let claimed = try Prune.run(arguments)
            #expect(claimed.status == 1)
            #expect(claimed.error.contains("accuracy is"))
        }
    }

    @Test func aVariantThatMissesTheFloorIsNotWritten() throws {
        try with("fashion-vgg") { samples, prune in
            let result = try prune([
                "--budget", "mac-fraction=0.3", "--budget", "max-accuracy-drop=0.01", "--data",
                samples.labelled,
            ])
            #expect(result.status == 1)
            #expect(
                result.error.contains(
                    "budget.max-accuracy-drop cannot be met: accuracy falls by"), "\(result.error)")
            #expect(result.error.contains("where 1.00 are allowed; nothing was written"))
            let report = try JSON(parsing: result.output)["variants"]?[0]
            #expect(report?["binding"] == "max-accuracy-drop")
            #expect(
                try Prune.names(in: samples.folder).sorted() == ["plain.npy", "x.npy", "y.npy"])
        }
    }

    @Test func aFloorAloneIsPrunedDownTo() throws {
        try with("fashion-vgg") { samples, prune in
            let result = try prune([
                "--budget", "max-accuracy-drop=0.15", "--data", samples.labelled,
            ])
            #expect(result.status == 0, "\(result.error)")
            let report = try JSON(parsing: result.output)["variants"]?[0]
            let after = try #require(report?["accuracy"]?["after"]?.double)
            #expect(after >= 0.85)
            let before = try #require(report?["before"]?["multiply-adds"]?.integer)
            #expect(try #require(report?["after"]?["multiply-adds"]?.integer) < before)
            #expect(report?["budget"]?[0]?["met"] == true)
        }
    }

    @Test func aFloorNeedsLabels() throws {
        try with("fashion-vgg") { samples, prune in
            let without = try prune(["--budget", "max-accuracy-drop=0.1"])
            #expect(without.status == 64)
            #expect(
                without.error.contains("can only be checked with labelled data: give it by --data"))
            let plain = try prune(["--budget", "max-accuracy-drop=0.1", "--data", samples.plain])
            #expect(plain.status == 64)
            #expect(plain.error.contains("has no labels"))
        }
    }

    @Test func aProofOnSamplesSaysWhichTheyWere() throws {
        try with("fashion-resnet") { samples, prune in
            let result = try prune([
                "--budget", "mac-fraction=0.9", "--calibration", samples.plain, "--proof-inputs",
                "\(Samples.count)",
            ])
            #expect(result.status == 0, "\(result.error)")
            let report = try JSON(parsing: result.output)["variants"]?[0]
            #expect(report?["proof"]?["source"] == "data")
            #expect(report?["proof"]?["inputs"]?.integer == Samples.count)
            // All samples, as they stand in the file.
            let digest = FileDigest(of: samples.images.withUnsafeBytes { Data($0) })
            #expect(report?["proof"]?["data-sha256"]?.string == digest.sha256)
            #expect(report?["agreement"]?["samples"]?.integer == Samples.count)
            #expect(report?["accuracy"] == nil)
        }
    }
}
