import ModelGraph

extension Weight {
    /// The weight without the indices that go; element type and names stay.
    ///
    /// A mask of slices is dropped, since they are what goes; any other mask is applied.
    /// - Parameter kept: for each axis the ascending indices that stay; nil for all of them.
    func gathering(_ kept: [[Int32]?]) -> Weight {
        guard kept.contains(where: { $0 != nil }) else { return self }
        let origin = mask is SliceMask ? self : materialized()
        var weight = origin
        weight.mask = nil
        weight.shape = zip(shape, kept).map { $1?.count ?? $0 }
        let last = kept.lastIndex { $0 != nil } ?? 0
        // Everything behind the last cut axis moves as one piece.
        let piece = shape[(last + 1)...].reduce(elementType.byteCount, *)
        weight.storage = WeightStorage(byteCount: weight.byteCount) { target in
            withExtendedLifetime(origin.storage) {
                guard !target.isEmpty, let source = origin.storage.bytes.baseAddress,
                    let target = target.baseAddress
                else { return }
                var gather = Gather(
                    source: source, target: target, shape: shape, kept: kept, piece: piece)
                gather.axis(0, index: 0, last: last)
            }
        }
        return weight
    }
}

/// Copies the elements that stay, in order.
private struct Gather {
    let source: UnsafeRawPointer
    var target: UnsafeMutableRawPointer
    let shape: [Int]
    let kept: [[Int32]?]
    let piece: Int

    /// Copies everything below one place of the axes before `axis`, whose row-major number is `index`.
    mutating func axis(_ axis: Int, index: Int, last: Int) {
        let start = index * shape[axis]
        guard axis < last else {
            if let kept = kept[axis] { copy(kept, from: start) }
            return
        }
        if let kept = kept[axis] {
            for index in kept { self.axis(axis + 1, index: start + Int(index), last: last) }
        } else {
            for index in 0..<shape[axis] { self.axis(axis + 1, index: start + index, last: last) }
        }
    }

    private mutating func copy(_ kept: [Int32], from start: Int) {
        switch piece {
        case 4: copyElements(kept, from: start, as: UInt32.self)
        case 2: copyElements(kept, from: start, as: UInt16.self)
        case 8: copyElements(kept, from: start, as: UInt64.self)
        default: copyRuns(kept, from: start)
        }
    }

    private mutating func copyElements<T: BitwiseCopyable>(
        _ kept: [Int32], from start: Int, as: T.Type
    ) {
        let size = MemoryLayout<T>.size
        let row = source + start * size
        kept.withUnsafeBufferPointer { kept in
            for (position, index) in kept.enumerated() {
                target.storeBytes(
                    of: row.loadUnaligned(fromByteOffset: Int(index) * size, as: T.self),
                    toByteOffset: position * size, as: T.self)
            }
        }
        target += kept.count * size
    }

    private mutating func copyRuns(_ kept: [Int32], from start: Int) {
        var first = 0
        while first < kept.count {
            var end = first + 1
            while end < kept.count, kept[end] == kept[end - 1] + 1 { end += 1 }
            let bytes = (end - first) * piece
            target.copyMemory(from: source + (start + Int(kept[first])) * piece, byteCount: bytes)
            target += bytes
            first = end
        }
    }
}
