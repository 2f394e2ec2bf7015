import Execution
import Foundation
import KerasFormat
import ModelGraph
import OrderedJSON
import Testing

/// The main job, end to end, on the networks that the project ships.
@Suite struct PruneCommandTests {
    private func bytes(_ url: URL) throws -> Int { try Data(contentsOf: url).count }

    @Test(arguments: ["fashion-resnet", "fashion-vgg", "fashion-mobilenet"])
    func makesAVariantThatFitsAndEqualsTheMaskedModel(name: String) throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (variant, masked) = (folder.appending(path: "v.h5"), folder.appending(path: "m.h5"))
        let result = try Prune.run([
            "--profile", "pruning-profiles/phone-4g.yaml", "--model", Prune.model(name),
            "--output", variant.path, "--masked-output", masked.path, "--format", "json",
        ])
        #expect(result.status == 0, "\(result.error)")
        let report = try JSON(parsing: result.output)["variants"]?[0]
        let lines = try #require(report?["budget"]?.array)
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0["met"]?.bool == true })
        #expect(report?["after"]?["file-bytes"]?.integer == (try bytes(variant)))
        #expect(report?["proof"]?["holds"]?.bool == true)
        #expect(try bytes(variant) < bytes(URL(filePath: Prune.model(name))))

        // Read back from the files, the variant gives what the masked original gives.
        let small = try PreparedModel(try KerasModel.read(path: variant.path).graph)
        let whole = try PreparedModel(try KerasModel.read(path: masked.path).graph)
        let image = Tensor(
            shape: [1, 28, 28, 1], values: (0..<784).map { Float($0 * 37 % 256) / 255 })
        let (a, b) = (try small.run([image])[0].values, try whole.run([image])[0].values)
        let worst = zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst <= 1e-4)
        #expect(abs(a.reduce(0, +) - 1) < 1e-4)
    }

    @Test func sameInputsGiveTheSameBytes() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["a.h5", "b.h5"].map { folder.appending(path: $0) }
        for file in files {
            let result = try Prune.run([
                "--profile", "pruning-profiles/phone-4g.yaml", "--model",
                Prune.model("fashion-mobilenet"), "-o", file.path,
            ])
            #expect(result.status == 0, "\(result.error)")
        }
        #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
    }

    @Test func severalProfilesGiveSeveralVariants() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try Prune.run([
            "--profile", "pruning-profiles/phone-4g.yaml", "--profile",
            "pruning-profiles/edge-server.yaml", "--model", Prune.model("fashion-resnet"),
            "--output", folder.path,
        ])
        #expect(result.status == 0, "\(result.error)")
        #expect(
            try Prune.names(in: folder) == [
                "fashion-resnet.edge-server.h5", "fashion-resnet.edge-server.h5.manifest.json",
                "fashion-resnet.phone-4g.h5", "fashion-resnet.phone-4g.h5.manifest.json",
            ])
    }

    @Test func aSavedPlanIsReplayedToTheSameBytes() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let (first, plan, second) = (
            folder.appending(path: "1.h5"), folder.appending(path: "plan.json"),
            folder.appending(path: "2.h5")
        )
        let model = Prune.model("fashion-vgg")
        let made = try Prune.run([
            "--profile", "pruning-profiles/phone-4g.yaml", "--model", model, "-o", first.path,
            "--save-plan", plan.path,
        ])
        #expect(made.status == 0, "\(made.error)")
        let replayed = try Prune.run([
            "--profile", "pruning-profiles/phone-4g.yaml", "--model", model, "-o", second.path,
            "--plan", plan.path,
        ])
        #expect(replayed.status == 0, "\(replayed.error)")
        #expect(try Data(contentsOf: first) == Data(contentsOf: second))
        let other = try Prune.run([
            "--model", Prune.model("fashion-resnet"), "-o", second.path, "--force", "--plan",
            plan.path,
        ])
        #expect(other.status == 65)
        #expect(other.error.contains("the plan was made for 'fashion-vgg'"))
    }

    @Test func nothingPrunedLosesNothing() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "same.h5")
        let result = try Prune.run([
            "--budget", "mac-fraction=1", "--model", Prune.model("fashion-resnet"), "-o", file.path,
        ])
        #expect(result.status == 0, "\(result.error)")
        let (before, after) = (
            try KerasModel.read(path: Prune.model("fashion-resnet")).graph,
            try KerasModel.read(path: file.path).graph
        )
        for (a, b) in zip(before.layers, after.layers) {
            #expect(a.configuration == b.configuration)
            #expect(a.weights.map { $0.floats() } == b.weights.map { $0.floats() })
        }
    }

    @Test func weightSparsityIsExact() throws {
        let folder = try Prune.temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "sparse.h5")
        let result = try Prune.run([
            "--budget", "weight-sparsity=0.8", "--granularity", "weight", "--weight-scope",
            "global",
            "--model", Prune.model("fashion-vgg"), "-o", file.path, "--format", "json",
        ])
        #expect(result.status == 0, "\(result.error)")
        let graph = try KerasModel.read(path: file.path).graph
        let kernels = graph.layers.flatMap(\.weights).filter { $0.role == "kernel" }
        let zeros = kernels.reduce(0) { $0 + $1.floats().filter { $0 == 0 }.count }
        let share = Double(zeros) / Double(kernels.reduce(0) { $0 + $1.elementCount })
        #expect(abs(share - 0.8) < 1e-5)
        let reported = try JSON(parsing: result.output)["variants"]?[0]?["after"]
        #expect(reported?["weight-sparsity"]?.double == share)
    }
}
