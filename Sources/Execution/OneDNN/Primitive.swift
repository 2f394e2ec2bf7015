import COneDNN

/// A primitive that oneDNN has chosen an implementation for, not yet compiled.
final class PrimitiveDescription {
    let handle: dnnl_primitive_desc_t

    init(adopting handle: dnnl_primitive_desc_t) { self.handle = handle }

    /// - Parameters:
    ///   - operation: an operation descriptor of oneDNN.
    ///   - what: the operation in words, for the error.
    init<Operation>(
        _ operation: Operation, _ attributes: Attributes, _ what: String
    ) throws(ExecutionError) {
        var description: dnnl_primitive_desc_t?
        let engine = try Engine.cpu()
        let status = withUnsafePointer(to: operation) {
            dnnl_primitive_desc_create(
                &description, UnsafeRawPointer($0), attributes.handle, engine, nil)
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
    var implementation: String {
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
