import Foundation
import Testing

/// A server that embeds the adapter gets neither the pruner nor its libraries with it.
@Suite struct PackageGraphTests {
    private struct Manifest: Decodable {
        struct Target: Decodable {
            var name: String
            var type: String
            var dependencies: [Dependency]
        }
        struct Product: Decodable {
            var name: String
            var targets: [String]
        }
        /// What a target needs: another target or a product, the name first.
        struct Dependency: Decodable {
            var byName: [Name?]?
            var target: [Name?]?
            var product: [Name?]?
        }
        /// A text, or something that does not matter here.
        struct Name: Decodable {
            var text: String?

            init(from decoder: any Decoder) throws {
                text = try? decoder.singleValueContainer().decode(String.self)
            }
        }
        var targets: [Target]
        var products: [Product]
    }

    /// What `Package.swift` says, as SwiftPM reads it.
    private func manifest() throws -> Manifest {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = FileManager.default.temporaryDirectory.appending(path: "graph-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appending(path: "package.json")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // A folder of its own: the build's is locked while it runs tests.
        process.arguments = [
            "swift", "package", "--package-path", root.path, "--scratch-path",
            folder.appending(path: "scratch").path, "dump-package",
        ]
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: output))
    }

    @Test func theAdapterIsLight() throws {
        let package = try manifest()
        let (targets, products) = try closure(of: "RuntimeAdapter", in: package)
        #expect(targets == ["RuntimeAdapter", "Contexts", "VariantStore"])
        let server: Set = ["Logging", "Metrics", "ServiceLifecycle", "Tracing"]
        #expect(products == server.union(["Yams", "Crypto"]))
        // What a server has is of no use to the pruner, but that it links the adapter.
        for target in package.targets
        where target.type != "test" && !["RuntimeAdapter", "AdapterSoak"].contains(target.name) {
            let needed = target.dependencies.compactMap { $0.product?.first??.text }
            #expect(server.isDisjoint(with: needed), "\(target.name)")
        }
    }

    /// Who does not ask for a database gets none.
    @Test func theDatabaseIsAProductOfItsOwn() throws {
        let package = try manifest()
        let (targets, products) = try closure(of: "RuntimeAdapterSQLite", in: package)
        #expect(
            targets == ["RuntimeAdapterSQLite", "RuntimeAdapter", "Contexts", "VariantStore"])
        #expect(products.contains("GRDB"))
        for product in package.products where product.name != "RuntimeAdapterSQLite" {
            let (targets, products) = try closure(of: product.name, in: package)
            #expect(!products.contains("GRDB"), "\(product.name)")
            #expect(!targets.contains("RuntimeAdapterSQLite"), "\(product.name)")
        }
    }

    /// All that comes with a product: targets of this package, and products of others.
    private func closure(
        of name: String, in package: Manifest
    ) throws -> (targets: Set<String>, products: Set<String>) {
        let product = try #require(package.products.first { $0.name == name })
        var (targets, products): (Set<String>, Set<String>) = ([], [])
        var open = product.targets
        while let name = open.popLast() {
            guard targets.insert(name).inserted else { continue }
            let target = try #require(package.targets.first { $0.name == name })
            for dependency in target.dependencies {
                let other = dependency.byName?.first ?? dependency.target?.first
                if let text = other??.text { open.append(text) }
                if let text = dependency.product?.first??.text { products.insert(text) }
            }
        }
        return (targets, products)
    }
}
