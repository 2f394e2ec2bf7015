import ModelGraph

/// Zeroes whole slices of a weight while it is read.
struct SliceMask: WeightMask {
    /// The removed indices along an axis.
    struct Axis: Sendable {
        var axis: Int
        var removed: [Bool]
    }

    private let shape: [Int]
    private let elementSize: Int
    /// The axes but the last.
    private let outer: [Axis]
    /// Runs along the last axis.
    private let runs: [Range<Int>]
    private let rowLength: Int

    var blockAlignment: Int { rowLength }

    init(shape: [Int], elementSize: Int, axes: [Axis]) {
        self.shape = shape
        self.elementSize = elementSize
        let last = shape.count - 1
        outer = axes.filter { $0.axis < last }
        rowLength = max(shape.last ?? 1, 1)
        runs = axes.first { $0.axis == last }.map { SliceMask.runs($0.removed) } ?? []
    }

    private static func runs(_ flags: [Bool]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, flag) in flags.enumerated() where flag {
            if let run = runs.last, run.upperBound == index {
                runs[runs.count - 1] = run.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }

    func apply(to block: UnsafeMutableRawBufferPointer, offset: Int) {
        let rowBytes = rowLength * elementSize
        let strides = outer.map { axis in
            shape[(axis.axis + 1)..<(shape.count - 1)].reduce(1, *)
        }
        for row in 0..<block.count / rowBytes {
            let number = offset / rowLength + row
            let isRemoved = zip(outer, strides).contains { axis, stride in
                axis.removed[number / stride % shape[axis.axis]]
            }
            let bytes = UnsafeMutableRawBufferPointer(
                rebasing: block[row * rowBytes..<(row + 1) * rowBytes])
            if isRemoved {
                zero(bytes)
            } else {
                for run in runs {
                    zero(
                        UnsafeMutableRawBufferPointer(
                            rebasing: bytes[
                                run.lowerBound * elementSize..<run.upperBound * elementSize]))
                }
            }
        }
    }

    private func zero(_ bytes: UnsafeMutableRawBufferPointer) {
        _ = bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
}

extension Weight {
    /// The same weight with slices that read as zero; the bytes stay where they are.
    func zeroing(_ axes: [SliceMask.Axis]) -> Weight {
        guard !axes.isEmpty else { return self }
        var weight = materialized()
        weight.mask = SliceMask(
            shape: shape, elementSize: elementType.byteCount, axes: axes)
        return weight
    }
}
