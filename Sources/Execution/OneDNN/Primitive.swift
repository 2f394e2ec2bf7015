import COneDNN

/// A primitive that oneDNN has chosen an implementation for, not yet compiled.
final class PrimitiveDescription {
    let handle: dnnl_primitive_desc_t

    /// - Parameters:
    ///   - operation: an operation descriptor of oneDNN.
    ///   - what: the operation in words, for the error.
    ///   - preferred: how the name of the wanted implementation begins; where there is none such, oneDNN's choice.
    init<Operation>(
        _ operation: Operation, _ attributes: Attributes, _ what: String, preferred: String = ""
    ) throws(ExecutionError) {
        let engine = try Engine.cpu()
        var status = dnnl_success
        // The iterator reads the descriptor to its end.
        let found = withUnsafePointer(to: operation) { operation in
            PrimitiveDescription.find(
                operation, attributes.handle, engine, preferred: preferred, &status)
        }
        try Engine.check(status, what)
        guard let found else { throw ExecutionError(.library, "oneDNN gave no \(what)") }
        handle = found
    }

    private static func find(
        _ operation: UnsafeRawPointer, _ attributes: dnnl_primitive_attr_t,
        _ engine: dnnl_engine_t, preferred: String, _ status: inout dnnl_status_t
    ) -> dnnl_primitive_desc_t? {
        var iterator: dnnl_primitive_desc_iterator_t?
        status = dnnl_primitive_desc_iterator_create(&iterator, operation, attributes, engine, nil)
        guard status == dnnl_success else { return nil }
        defer { dnnl_primitive_desc_iterator_destroy(iterator) }
        let first = dnnl_primitive_desc_iterator_fetch(iterator)
        var next = first
        while let candidate = next {
            if implementation(candidate).hasPrefix(preferred) {
                if candidate != first { dnnl_primitive_desc_destroy(first) }
                return candidate
            }
            if candidate != first { dnnl_primitive_desc_destroy(candidate) }
            let isLast = dnnl_primitive_desc_iterator_next(iterator) != dnnl_success
            next = isLast ? nil : dnnl_primitive_desc_iterator_fetch(iterator)
        }
        return first
    }

    /// A copy into another layout.
    init(
        reordering source: MemoryDescription, to target: MemoryDescription,
        scales: OutputScales? = nil, _ what: String
    ) throws(ExecutionError) {
        var description: dnnl_primitive_desc_t?
        let engine = try Engine.cpu()
        let attributes = try Attributes(scales: scales)
        let status = withUnsafePointer(to: source.raw) { source in
            withUnsafePointer(to: target.raw) { target in
                dnnl_reorder_primitive_desc_create(
                    &description, source, engine, target, engine, attributes.handle)
            }
        }
        try Engine.check(status, what)
        guard let description else { throw ExecutionError(.library, "oneDNN gave no \(what)") }
        handle = description
    }

    deinit { dnnl_primitive_desc_destroy(handle) }

    /// The layout of one of the primitive's tensors.
    func memory(_ query: dnnl_query_t, _ index: Int32 = 0) throws(ExecutionError)
        -> MemoryDescription
    {
        guard let description = dnnl_primitive_desc_query_md(handle, query, index) else {
            throw ExecutionError(.library, "oneDNN does not tell a layout")
        }
        return MemoryDescription(raw: description.pointee)
    }

    /// Bytes of scratch memory that one execution needs.
    var scratchByteCount: Int {
        dnnl_primitive_desc_query_md(handle, dnnl_query_scratchpad_md, 0)
            .map { dnnl_memory_desc_get_size($0) } ?? 0
    }

    /// The scratch memory's layout.
    var scratch: MemoryDescription? {
        dnnl_primitive_desc_query_md(handle, dnnl_query_scratchpad_md, 0)
            .map { MemoryDescription(raw: $0.pointee) }
    }

    /// What oneDNN calls the implementation: `jit:avx512_core`, `ref:any`.
    var implementation: String { PrimitiveDescription.implementation(handle) }

    private static func implementation(_ handle: dnnl_primitive_desc_t) -> String {
        var text: UnsafePointer<CChar>?
        let status = withUnsafeMutablePointer(to: &text) {
            dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, $0)
        }
        return status == dnnl_success ? text.map { String(cString: $0) } ?? "" : ""
    }
}

/// A compiled primitive.
final class Primitive {
    let handle: dnnl_primitive_t

    init(_ description: PrimitiveDescription) throws(ExecutionError) {
        var primitive: dnnl_primitive_t?
        try Engine.check(
            dnnl_primitive_create(&primitive, description.handle), "compiling a primitive")
        guard let primitive else { throw ExecutionError(.library, "oneDNN gave no primitive") }
        handle = primitive
    }

    deinit { dnnl_primitive_destroy(handle) }

    func execute(_ arguments: [dnnl_exec_arg_t], on stream: Stream) throws(ExecutionError) {
        try Engine.check(
            dnnl_primitive_execute(
                handle, stream.handle, Int32(arguments.count), arguments), "running a primitive")
    }
}

/// A tensor in memory that somebody else owns.
final class Memory {
    let handle: dnnl_memory_t

    init(_ description: MemoryDescription, at address: UnsafeMutableRawPointer?)
        throws(ExecutionError)
    {
        var memory: dnnl_memory_t?
        let engine = try Engine.cpu()
        let status = withUnsafePointer(to: description.raw) {
            dnnl_memory_create(&memory, $0, engine, address)
        }
        try Engine.check(status, "placing a tensor")
        guard let memory else { throw ExecutionError(.library, "oneDNN gave no tensor") }
        handle = memory
    }

    deinit { dnnl_memory_destroy(handle) }

    func move(to address: UnsafeMutableRawPointer) throws(ExecutionError) {
        try Engine.check(dnnl_memory_set_data_handle(handle, address), "placing a tensor")
    }
}
