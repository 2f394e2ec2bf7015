import Foundation

/// Where each tensor of a program stands in one block of memory.
///
/// Tensors that never live at the same time share memory. Placement: largest first, each at the lowest offset
/// that is free during its life.
struct MemoryPlan {
    /// Offset in bytes of each value that owns memory, by its index; nil for constants and aliases.
    var offsets: [Int?]
    /// Offset of each step's scratch memory.
    var scratchOffsets: [Int]
    var byteCount: Int

    private struct Block {
        var byteCount: Int
        var life: ClosedRange<Int>
        var offset = 0
    }

    static let alignment = 64

    init(_ program: Program, scratchByteCounts: [Int]) throws(ExecutionError) {
        var blocks: [Block] = []
        var owners: [Int] = []
        for (index, life) in MemoryPlan.lives(program).enumerated() {
            guard let life else { continue }
            blocks.append(
                Block(
                    byteCount: try MemoryPlan.byteCount(program.values[index].shape), life: life))
            owners.append(index)
        }
        let tensors = blocks.count
        for (step, count) in scratchByteCounts.enumerated() where count > 0 {
            blocks.append(Block(byteCount: MemoryPlan.rounded(count), life: step...step))
            owners.append(step)
        }
        byteCount = try MemoryPlan.place(&blocks)
        offsets = Array(repeating: nil, count: program.values.count)
        scratchOffsets = Array(repeating: 0, count: scratchByteCounts.count)
        for (index, block) in blocks.enumerated() {
            if index < tensors {
                offsets[owners[index]] = block.offset
            } else {
                scratchOffsets[owners[index]] = block.offset
            }
        }
    }

    /// For each value that owns memory, the steps from the one that makes it to the last that reads it.
    static func lives(_ program: Program) -> [ClosedRange<Int>?] {
        var lives: [ClosedRange<Int>?] = Array(repeating: nil, count: program.values.count)
        func use(_ value: Value, at step: Int) {
            let root = program.root(value)
            guard program.values[root.index].constant == nil else { return }
            let life = lives[root.index] ?? step...step
            lives[root.index] = min(life.lowerBound, step)...max(life.upperBound, step)
        }
        for input in program.inputs { use(input, at: -1) }
        for (index, step) in program.steps.enumerated() {
            for value in step.inputs + step.outputs { use(value, at: index) }
        }
        for value in program.outputs + program.captures { use(value, at: program.steps.count) }
        return lives
    }

    /// Gives every block its offset.
    ///
    /// - Returns: the bytes needed altogether.
    private static func place(_ blocks: inout [Block]) throws(ExecutionError) -> Int {
        var end = 0
        var placed: [Block] = []
        let order = blocks.indices.sorted {
            (blocks[$1].byteCount, $0) < (blocks[$0].byteCount, $1)
        }
        for index in order {
            var offset = 0
            // `placed` is kept in the order of offsets.
            for other in placed where other.life.overlaps(blocks[index].life) {
                if offset + blocks[index].byteCount <= other.offset { break }
                offset = max(offset, other.offset + other.byteCount)
            }
            blocks[index].offset = offset
            let (last, overflow) = offset.addingReportingOverflow(blocks[index].byteCount)
            guard !overflow else { throw tooLarge(nil) }
            end = max(end, last)
            let position = placed.firstIndex { $0.offset > offset } ?? placed.count
            placed.insert(blocks[index], at: position)
        }
        return end
    }

    private static func rounded(_ byteCount: Int) -> Int {
        (byteCount + alignment - 1) / alignment * alignment
    }

    /// Bytes of a tensor, rounded up to the alignment.
    private static func byteCount(_ shape: [Int]) throws(ExecutionError) -> Int {
        try check(shape)
        return rounded(max(shape.reduce(4, *), 1))
    }

    /// - Throws: ``ExecutionError`` if a tensor of that shape cannot be.
    static func check(_ shape: [Int]) throws(ExecutionError) {
        var count = 4
        for length in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow, product >= 0, product < 1 << 46 else { throw tooLarge(nil) }
            count = product
        }
    }

    private static func tooLarge(_ byteCount: Int?) -> ExecutionError {
        let size = byteCount.map { "needs \($0 >> 20) MiB, which is" } ?? "is"
        return ExecutionError(
            .memory,
            "the network \(size) more than the memory that is free; use a smaller batch or input")
    }

    /// - Throws: ``ExecutionError`` if that much is not free.
    static func requireFree(byteCount: Int) throws(ExecutionError) {
        guard let available = availableByteCount(), byteCount > available else { return }
        throw tooLarge(byteCount)
    }

    /// Bytes that can be had without swapping; nil if the system does not tell.
    private static func availableByteCount() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
            return nil
        }
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
        }
        return nil
    }
}
