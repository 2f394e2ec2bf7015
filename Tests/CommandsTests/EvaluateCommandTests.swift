import Foundation
import OrderedJSON
import Testing

/// `prune evaluate`, as a user runs it.
@Suite struct EvaluateCommandTests {
    static let clothes = "Tests/DatasetsTests/Fixtures/clothes.npz"
    static let fixtures = "Tests/CommandsTests/Fixtures"

    private func run(_ arguments: String...) throws -> Prune.Result {
        try Prune.run(["evaluate"] + arguments)
    }

    private func expect(
        _ arguments: [String], status: Int32, saying text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try Prune.run(["evaluate", "--model", Prune.model("fashion-vgg")] + arguments)
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        #expect(result.error.contains(text), "\(result.error)", sourceLocation: sourceLocation)
        #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    }

    @Test func whatAPersonReads() throws {
        let result = try run(
            "--model", Prune.model("fashion-resnet"), "--data", Self.clothes, "--layers", "--base",
            Prune.model("fashion-mobilenet"))
        #expect(result.status == 0, "\(result.error)")
        for text in [
            "fashion-resnet on Tests/DatasetsTests/Fixtures/clothes.npz, 64 samples",
            "28×28, channel axis added, × 1/255", "top-5 accuracy", "(cross-entropy)",
            "agreement        95.31 % with", "Classes", "batch 1, 1 thread",
            "Operations, the slowest first", "convolution",
        ] {
            #expect(result.output.contains(text), "\(text) in \(result.output)")
        }
    }

    @Test func withoutDataThereIsLatency() throws {
        let result = try run("--model", Prune.model("fashion-mobilenet"), "--batch", "4")
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("batch 4, 1 thread"))
        #expect(result.output.contains("measured on random inputs (seed 1), nothing is scored."))
    }

    @Test func withoutLabelsThereIsAgreement() throws {
        let model = Self.fixtures + "/softmax.keras"
        let data = Self.fixtures + "/rows.npz"
        let alone = try run("--model", model, "--data", data)
        #expect(alone.status == 0, "\(alone.error)")
        #expect(alone.output.contains("--base compares with another model"))
        let compared = try run("--model", model, "--data", data, "--base", model)
        #expect(compared.output.contains("agreement  100.00 % with"))
    }

    @Test func eachModelGetsTheNumbersThatItWants() throws {
        // One rescales by itself, the other wants numbers from 0 to 1 and its channels first.
        let result = try run(
            "--model", Self.fixtures + "/rescaling.keras", "--base",
            Self.fixtures + "/channels-first.keras", "--data",
            Self.fixtures + "/images-three.npz", "--format", "json")
        let found = try JSON(parsing: result.output)
        let file = Prune.root.appending(path: Self.fixtures + "/expected.json")
        let truth = try JSON(parsing: Data(contentsOf: file))
        let model = try #require(truth["rescaling"]?["predictions"]?.array)
        let base = try #require(truth["channels-first"]?["predictions"]?.array)
        let share = Double(zip(model, base).count { $0 == $1 }) / Double(model.count)
        #expect(found["base"]?["agreement"]?.double == share)
        #expect(found["base"]?["accuracy"] == truth["channels-first"]?["accuracy"])

        let fixed = try run(
            "--model", Self.fixtures + "/softmax.keras", "--base",
            Self.fixtures + "/fixed-batch.keras", "--data", Self.fixtures + "/rows-three.npz")
        #expect(fixed.status == 65)
        #expect(fixed.error.contains("samples at once, and the model 8; give --batch 5"))
    }

    @Test func damagedImagesAreNamed() throws {
        let folder = "Tests/DatasetsTests/Fixtures/classes"
        let model = Self.fixtures + "/rescaling.keras"
        let result = try run("--model", model, "--data", folder)
        #expect(result.status == 0, "\(result.error)")
        for text in [
            "resized to 4×4 (bilinear); the model rescales", "2 images were left out",
            folder + "/cat/2.png: this is neither PNG nor JPEG", "bee",
        ] {
            #expect(result.output.contains(text), "\(text) in \(result.output)")
        }
        let strict = try run("--model", model, "--data", folder, "--strict")
        #expect(strict.status == 65)
        #expect(strict.error.contains(folder + "/bee/1.png: the PNG is damaged"))
    }

    @Test func badData() throws {
        try expect(["--data", "nowhere"], status: 66, saying: "nowhere: there is no such file")
        try expect(
            ["--data", Self.fixtures + "/rows-three.npz"], status: 65,
            saying: "rows-three.npz: the samples are 6, and the model takes 28×28×1")
        try expect(
            ["--data", "Tests/DatasetsTests/Fixtures/stored.npz"], status: 65,
            saying: "the samples are 4×5, and the model takes 28×28×1; give --resize 28x28")
        try expect(
            ["--data", "Tests/DatasetsTests/Fixtures/classes"], status: 65,
            saying: "there are 3 classes, and 'fashion-vgg' tells 10")
        try expect(["--data", "README.md"], status: 65, saying: "this is no data that can be read")
        let two = try run(
            "--model", Self.fixtures + "/binary.keras", "--data",
            Self.fixtures + "/rows-three.npz")
        #expect(two.status == 65)
        #expect(two.error.contains("and 'binary' tells 2 classes, 0 to 1"), "\(two.error)")
    }

    @Test func badOptions() throws {
        try expect(
            ["--data", Self.clothes, "--scale", "big"], status: 64,
            saying: "--scale big: must be a number other than 0, or a fraction such as 1/255")
        try expect(
            ["--scale", "1"], status: 64, saying: "--scale says something about data; give --data")
        try expect(
            ["--base", "m.h5"], status: 64, saying: "--base compares on data: give --data.")
        try expect(["--batch", "0"], status: 64, saying: "--batch 0: must be from 1 to 65536.")
        try expect(
            ["--data", Self.clothes, "--limit", "0"], status: 64,
            saying: "--limit 0: must be at least 1")
        try expect(
            ["--data", Self.clothes, "--output-index", "3"], status: 64,
            saying: "--output-index 3: the model has the outputs 0 to 0")
        try expect(
            ["--data", Self.clothes, "--preprocessing", "nowhere.yaml"], status: 66,
            saying: "nowhere.yaml: the description cannot be read")
        let other = try run(
            "--model", Self.fixtures + "/two-outputs.keras", "--data",
            Self.fixtures + "/rows-three.npz", "--output-index", "0")
        #expect(other.status == 65)
        #expect(other.error.contains("an output of one row per sample is needed, and it gives 4×2"))
    }

    @Test func aLimitAndADescription() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let description = folder.appending(path: "d.yaml")
        let names = (0..<10).map { "cloth \($0)" }.joined(separator: ", ")
        try Data("scale: 1/255\nclasses: [\(names)]\n".utf8).write(to: description)
        let result = try run(
            "--model", Prune.model("fashion-vgg"), "--data", Self.clothes, "--limit", "20",
            "--preprocessing", description.path, "--format", "json")
        let json = try JSON(parsing: result.output)
        #expect(json["data"]?["samples"] == 20)
        #expect(json["data"]?["available-samples"] == 64)
        #expect(json["scores"]?["per-class"]?[9]?["name"] == "cloth 9")
    }
}
