import AllocationCounter
import Testing

@testable import RuntimeAdapter

/// On the fast path nothing asks for memory.
@Suite struct AllocationTests {
    @Test func theCounterCounts() {
        let before = espalier_allocations()
        let values = Array(repeating: Double(before), count: 1000)
        #expect(values.count == 1000)
        #expect(espalier_allocations() > before)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func selectingAllocatesNothing(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let selector = VariantSelector(
            VariantCatalogue(Sample.family(1000, using: &random), devices: Sample.devices))
        let contexts = (0..<100).map { _ in Sample.context(candidates: 1000, using: &random) }
        // The first request of a class pays for its predictions.
        for context in contexts { _ = selector.select(context) }
        let known = contexts.filter {
            selector.keptClasses.contains(selector.select($0).deviceClass)
        }
        #expect(known.count > 50)
        var fitting = 0
        let before = espalier_allocations()
        for _ in 0..<100 {
            for context in known where selector.select(context).step == .fits { fitting += 1 }
        }
        #expect(espalier_allocations() - before == 0, "seed \(seed)")
        #expect(fitting > 0)
    }
}
