import COneDNN
import ModelGraph

/// Numbers that do not change from run to run: a weight, or what was computed from weights.
struct Constant: Sendable {
    let storage: WeightStorage
    var shape: [Int]

    /// A weight's values; shares the weight's memory where that holds plain float32.
    init(_ weight: Weight) {
        shape = weight.shape
        let stored = weight.materialized().storage
        let address = stored.bytes.baseAddress.map { Int(bitPattern: $0) } ?? 0
        if weight.elementType == .float32, address.isMultiple(of: 4) {
            storage = stored
        } else {
            storage = Constant(weight.floats(), shape: weight.shape).storage
        }
    }

    init(_ values: [Float], shape: [Int]) {
        self.shape = shape
        storage = WeightStorage(byteCount: values.count * 4) { buffer in
            values.withUnsafeBytes { buffer.copyMemory(from: $0) }
        }
    }

    init(storage: WeightStorage, shape: [Int]) {
        self.storage = storage
        self.shape = shape
    }

    var elementCount: Int { shape.reduce(1, *) }

    /// Where the numbers stand.
    ///
    /// oneDNN takes mutable addresses also for what it only reads.
    var address: UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(mutating: storage.bytes.baseAddress)
    }

    func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            count = elementCount
            UnsafeMutableRawBufferPointer(buffer).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: storage.bytes[..<(count * 4)]))
        }
    }

    /// The same numbers, seen with another shape of as many elements.
    func reshaped(_ shape: [Int]) -> Constant { Constant(storage: storage, shape: shape) }

    /// The numbers in the layout that a primitive wants; itself if they already are.
    ///
    /// - Parameters:
    ///   - source: how they stand now.
    ///   - target: how they are wanted.
    ///   - scales: factors to multiply by on the way; nil for none.
    ///   - arena: where they are put; nil for memory of their own.
    func packed(
        from source: MemoryDescription, to target: MemoryDescription,
        scales: OutputScales? = nil, in arena: WeightArena? = nil
    ) throws(ExecutionError) -> Constant {
        if source == target, scales == nil { return self }
        let plain = try MemoryDescription(source.dimensions)
        if target.raw.format_kind == dnnl_format_kind_wino, scales != nil || !(source == plain) {
            // Transformed weights are made from plain ones, and oneDNN then forgets the scales.
            return try packed(from: source, to: plain, scales: scales)
                .packed(from: plain, to: target, in: arena)
        }
        let reorder = try PrimitiveDescription(
            reordering: source, to: target, scales: scales, "packing weights")
        let kernel = try PrimitiveKernel(
            reorder,
            [
                KernelArgument(espalier_dnnl_src, source, .input(0)),
                KernelArgument(espalier_dnnl_dst, target, .output(0)),
            ])
        let storage =
            try arena?.storage(byteCount: target.byteCount)
            ?? WeightStorage(byteCount: target.byteCount) { _ in }
        let packed = Constant(storage: storage, shape: [target.byteCount / 4])
        try kernel.runOnce(inputs: [self], outputs: [packed])
        return packed
    }
}
