import Foundation
import Testing

/// A server that embeds the adapter gets neither the pruner nor its libraries with it.
@Suite struct PackageGraphTests {
    private struct Description: Decodable {
        struct Target: Decodable {
            var name: String
            var type: String
            var target_dependencies: [String]?
            var product_dependencies: [String]?
        }
        struct Product: Decodable {
            var name: String
            var targets: [String]
        }
        var targets: [Target]
        var products: [Product]
    }

    private func describe() throws -> Description {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let output = FileManager.default.temporaryDirectory.appending(path: "graph-\(UUID()).json")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: output) }
        let scratch = FileManager.default.temporaryDirectory.appending(path: "graph-\(UUID())")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // A folder of its own: the build's is locked while it runs tests.
        process.arguments = [
            "swift", "package", "--package-path", root.path, "--scratch-path", scratch.path,
            "describe", "--type", "json",
        ]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return try JSONDecoder().decode(Description.self, from: Data(contentsOf: output))
    }

    @Test func theAdapterIsLight() throws {
        let package = try describe()
        let product = try #require(package.products.first { $0.name == "RuntimeAdapter" })
        var targets: Set<String> = []
        var products: Set<String> = []
        var open = product.targets
        while let name = open.popLast() {
            guard targets.insert(name).inserted else { continue }
            let target = try #require(package.targets.first { $0.name == name })
            open += target.target_dependencies ?? []
            products.formUnion(target.product_dependencies ?? [])
        }
        #expect(targets == ["RuntimeAdapter", "Contexts", "VariantStore"])
        #expect(
            products.isSubset(
                of: ["Yams", "Crypto", "Logging", "Metrics", "ServiceLifecycle", "Tracing"]))
        // What a server has is of no use to the pruner, but that it links the adapter.
        for target in package.targets where target.type != "test" && target.name != "RuntimeAdapter"
        {
            let server: Set = ["Logging", "Metrics", "ServiceLifecycle", "Tracing"]
            #expect(server.isDisjoint(with: target.product_dependencies ?? []))
        }
    }
}
