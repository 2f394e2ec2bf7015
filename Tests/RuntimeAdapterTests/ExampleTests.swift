import Foundation
import RuntimeAdapter
import Testing

/// The example of `docs/adapter.md`, compiled without `@testable` as a server would.
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

    @Test func theDocumentationHasTheCodeAbove() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/adapter.md"), encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let blocks = page.components(separatedBy: "```swift\n").dropFirst()
        let block = try #require(blocks.first?.components(separatedBy: "```").first)
        let lines = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect((8...12).contains(lines.count))
        for line in lines { #expect(source.contains(line), "\(line)") }
        #expect(throws: CatalogueError.self) { try example([]) }
    }
}
