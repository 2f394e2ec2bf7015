import Foundation
import RuntimeAdapter
import Testing

/// The examples of `docs/adapter.md`, compiled without `@testable` as a server would.
@Suite struct ExampleTests {
    private func example(_ body: [UInt8]) throws -> String {
        let catalogue = try VariantCatalogue(store: "variants")
        let selector = VariantSelector(catalogue)

        func answer(_ body: [UInt8]) throws -> String {
            let context = try RequestContext(json: body)
            let selection = selector.select(context)
            return selection.candidate?.fileDigest ?? "remote"
        }

        return try answer(body)
    }

    /// What a server would run.
    private struct MyModel {
        let bytes: [UInt8]

        init(_ bytes: [UInt8]) throws { self.bytes = bytes }

        func predict(_ input: [Float]) -> [Float] { input }
    }

    private struct MyLoader: VariantLoader {
        func load(_ file: VariantFile) async throws -> MyModel { try MyModel(file.bytes()) }
    }

    private func serving(_ context: RequestContext) async throws -> (
        AdapterService<MyModel>, [Float]
    ) {
        let adapter = try await RuntimeAdapter(source: StoreSource("variants"), loader: MyLoader())
        let service = AdapterService(adapter)

        func answer(_ input: [Float], in context: RequestContext) async throws -> [Float] {
            let lease = try await adapter.lease(for: context)
            defer { lease.release() }
            return lease.model.predict(input)
        }

        return (service, try await answer([1], in: context))
    }

    @Test func theDocumentationHasTheCodeAbove() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/adapter.md"), encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let blocks = page.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0].split(separator: "\n")
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        try #require(blocks.count == 3)
        #expect((8...12).contains(blocks[0].count))
        // The third is about a product of its own.
        for line in blocks[0] + blocks[1] {
            let isThere = source.contains(line) || source.contains("private " + line)
            #expect(isThere, "\(line)")
        }
        #expect(throws: CatalogueError.self) { try example([]) }
        await #expect(throws: SourceError.self) { try await serving(RequestContext()) }
    }
}
