import Contexts
import Foundation
import Testing

@Suite struct BudgetTests {
    static let base = Costs(
        inferenceMs: 20, loadMs: 900, fileBytes: 1_048_576, peakMemoryBytes: 8 << 20,
        multiplyAdds: 1000, parameters: 400, weightSparsity: 0, accuracy: 0.92)
    static let variant = Costs(
        inferenceMs: 10, loadMs: 450.5, fileBytes: 393_217, peakMemoryBytes: 4 << 20,
        multiplyAdds: 500, parameters: 100, weightSparsity: 0.5, accuracy: 0.9)

    @Test func holdsEveryLine() {
        let budget = Budget(
            inferenceMs: 10, loadMs: 450, fileKiB: 384, peakMemoryMiB: 4, macFraction: 0.5,
            parameterFraction: 0.2, weightSparsity: 0.5, maxAccuracyDrop: 0.05)
        let lines = budget.check(Self.variant, base: Self.base)
        #expect(lines.map(\.key) == Budget.Key.allCases)
        #expect(lines.map(\.unit) == ["ms", "ms", "KiB", "MiB", "", "", "", ""])
        #expect(lines.map(\.before) == [20, 900, 1024, 8, 1, 1, 0, 0])
        #expect(lines.dropLast().map(\.after) == [10, 450.5, 384.0009765625, 4, 0.5, 0.25, 0.5])
        #expect(abs((lines.last?.after ?? 1) - 0.02) < 1e-12)
        #expect(lines.map(\.limit) == [10, 450, 384, 4, 0.5, 0.2, 0.5, 0.05])
        #expect(lines.map(\.isMet) == [true, false, false, true, true, false, true, true])
    }

    @Test func hasOnlyTheLinesOfTheBudget() {
        let budget = Budget(fileKiB: 1, weightSparsity: 0.9)
        #expect(budget.keys == [.fileKiB, .weightSparsity])
        let lines = budget.check(Self.variant, base: Self.base)
        #expect(lines.map(\.key) == [.fileKiB, .weightSparsity])
        #expect(lines.map(\.isMet) == [false, false])
    }

    @Test func saysWhatItDoesNotKnow() {
        var unmeasured = Self.variant
        unmeasured.accuracy = nil
        unmeasured.inferenceMs = nil
        let lines = Budget(inferenceMs: 5, maxAccuracyDrop: 0.1)
            .check(unmeasured, base: Self.base)
        #expect(lines.map(\.isMet) == [nil, nil])
        #expect(lines.map(\.after) == [nil, nil])
        #expect(lines.map(\.use) == [nil, nil])
    }

    @Test func theUseOfALimitTellsWhichOneBinds() {
        let budget = Budget(
            inferenceMs: 20, fileKiB: 96.00024414062500, macFraction: 0.5, weightSparsity: 0.75,
            maxAccuracyDrop: 0)
        let use = budget.check(Self.variant, base: Self.base).map(\.use)
        #expect(use == [0.5, 4, 1, 1.5, .infinity])
        var dense = Self.variant
        dense.weightSparsity = 0
        #expect(Budget(weightSparsity: 0.5).check(dense, base: Self.base)[0].use == .infinity)
    }

    @Test func aModelWithoutWorkIsNotFree() {
        let empty = Costs(fileBytes: 0, peakMemoryBytes: 0, multiplyAdds: 0, parameters: 0)
        let lines = Budget(macFraction: 0.5).check(empty, base: empty)
        #expect(lines.map(\.isMet) == [false])
    }

    @Test func subscriptsEveryKey() {
        for key in Budget.Key.allCases {
            var budget = Budget()
            budget[key] = 0.25
            #expect(budget.keys == [key])
            #expect(budget[key] == 0.25)
        }
    }

    @Test func linesEncodeInKebabCase() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let lines = Budget(fileKiB: 384).check(Self.variant, base: Self.base)
        #expect(
            String(decoding: try encoder.encode(lines), as: UTF8.self)
                == #"[{"after":384.0009765625,"before":1024,"key":"file-kib","limit":384,"met":false,"unit":"KiB"}]"#
        )
        #expect(
            String(decoding: try encoder.encode(Self.base), as: UTF8.self)
                == #"{"accuracy":0.92,"file-bytes":1048576,"inference-ms":20,"load-ms":900,"multiply-adds":1000,"parameters":400,"peak-memory-bytes":8388608,"weight-sparsity":0}"#
        )
    }
}
