import Foundation
import OrderedJSON
import Testing

/// Every command's JSON is what its published schema says.
@Suite struct SchemaTests {
    private func check(_ arguments: [String], command: String, status: Int32 = 0) throws -> JSON {
        let result = try Prune.run(arguments + ["--format", "json"])
        #expect(result.status == status, "\(result.error)")
        let value = try JSON(parsing: result.output)
        #expect(try Schema(of: command).faults(value) == [])
        return value
    }

    @Test func schemaNoticesFaults() throws {
        let schema = try Schema(of: "profiles")
        #expect(schema.faults([["file": "a"]]).contains("$[0]: 'name' is missing"))
        #expect(
            schema.faults(["profiles": []]) == ["$: {\"profiles\": []} is not of type [\"array\"]"])
    }

    @Test func prune() throws {
        let value = try check(
            [
                "--profile", "pruning-profiles/phone-4g.yaml", "--model",
                Prune.model("fashion-resnet"), "--dry-run",
            ], command: "prune")
        #expect(value["variants"]?[0]?["written"] == false)
    }

    @Test func pruneThatCannot() throws {
        let value = try check(
            ["--budget", "file-kib=4", "--model", Prune.model("fashion-resnet"), "--dry-run"],
            command: "prune", status: 1)
        #expect(value["variants"]?[0]?["binding"] == "file-kib")
    }

    @Test func inspect() throws {
        let value = try check(
            ["inspect", "--model", Prune.model("fashion-mobilenet"), "--protect", "stem*"],
            command: "inspect")
        let groups = try #require(value["channel-groups"]?.array)
        let stem = try #require(groups.first { $0["name"] == "stem_conv" })
        #expect(stem["removable-units"] == 0)
        #expect(stem["protected"]?[0]?["reason"] == "requested")
    }

    @Test func evaluate() throws {
        let value = try check(
            [
                "evaluate", "--model", Prune.model("fashion-vgg"), "--base",
                Prune.model("fashion-vgg"), "--data", EvaluateCommandTests.clothes, "--layers",
            ], command: "evaluate")
        #expect(value["base"]?["agreement"]?.double == 1)
        #expect(value["scores"]?["output-kind"] == "probabilities")
        #expect((value["operations"]?.array?.count ?? 0) > 5)
    }

    @Test func evaluateWithoutData() throws {
        let value = try check(
            ["evaluate", "--model", Prune.model("fashion-mobilenet"), "--batch", "2"],
            command: "evaluate")
        #expect(value["scores"] == .null)
        #expect(value["latency"]?.array?.count == 2)
    }

    @Test func profiles() throws {
        let value = try check(["profiles"], command: "profiles")
        #expect(value.array?.count == 6)
    }
}
