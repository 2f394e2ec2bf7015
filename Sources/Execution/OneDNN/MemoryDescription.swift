import COneDNN

/// Shape and layout of a float32 tensor as oneDNN sees it.
struct MemoryDescription {
    var raw: dnnl_memory_desc_t

    init(raw: dnnl_memory_desc_t) { self.raw = raw }

    /// - Parameter strides: in elements, one for each dimension.
    init(dimensions: [Int], strides: [Int]) throws(ExecutionError) {
        raw = dnnl_memory_desc_t()
        try MemoryDescription.check(dimensions)
        try Engine.check(
            dnnl_memory_desc_init_by_strides(
                &raw, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32,
                strides.map(Int64.init)), "describing a tensor of \(dimensions)")
    }

    init(dimensions: [Int], tag: dnnl_format_tag_t) throws(ExecutionError) {
        raw = dnnl_memory_desc_t()
        try MemoryDescription.check(dimensions)
        try Engine.check(
            dnnl_memory_desc_init_by_tag(
                &raw, Int32(dimensions.count), dimensions.map(Int64.init), dnnl_f32, tag),
            "describing a tensor of \(dimensions)")
    }

    /// Row-major.
    init(_ dimensions: [Int]) throws(ExecutionError) {
        let dimensions = dimensions.isEmpty ? [1] : dimensions
        try self.init(
            dimensions: dimensions, strides: MemoryDescription.rowMajorStrides(dimensions))
    }

    /// Any layout: oneDNN chooses.
    static func any(_ dimensions: [Int]) throws(ExecutionError) -> MemoryDescription {
        try MemoryDescription(dimensions: dimensions, tag: dnnl_format_tag_any)
    }

    /// A row-major tensor with its channels last, in oneDNN's order: batch, channels, spatial axes.
    init(channelsLast shape: [Int]) throws(ExecutionError) {
        let tags = [3: dnnl_acb, 4: dnnl_acdb, 5: dnnl_acdeb]
        guard let tag = tags[shape.count], let channels = shape.last else {
            throw ExecutionError(.unsupported, "no layout for a tensor of rank \(shape.count)")
        }
        try self.init(
            dimensions: [shape[0], channels] + shape[1..<(shape.count - 1)], tag: tag)
    }

    static func rowMajorStrides(_ dimensions: [Int]) -> [Int] {
        var strides = Array(repeating: 1, count: dimensions.count)
        for axis in dimensions.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * dimensions[axis + 1]
        }
        return strides
    }

    private static func check(_ dimensions: [Int]) throws(ExecutionError) {
        guard dimensions.count <= Int(DNNL_MAX_NDIMS) else {
            throw ExecutionError(
                .unsupported, "a tensor of rank \(dimensions.count) is more than oneDNN takes")
        }
    }

    /// The lengths of the axes, in oneDNN's order.
    var dimensions: [Int] {
        withUnsafeBytes(of: raw.dims) { bytes in
            bytes.bindMemory(to: Int64.self).prefix(Int(raw.ndims)).map { Int($0) }
        }
    }

    /// Bytes that a tensor of this description takes.
    var byteCount: Int { withUnsafePointer(to: raw) { dnnl_memory_desc_get_size($0) } }

    static func == (left: MemoryDescription, right: MemoryDescription) -> Bool {
        withUnsafePointer(to: left.raw) { left in
            withUnsafePointer(to: right.raw) { dnnl_memory_desc_equal(left, $0) != 0 }
        }
    }
}
