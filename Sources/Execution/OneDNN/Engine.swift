import COneDNN

/// oneDNN's CPU engine and the checks around its calls.
enum Engine {
    /// The one engine of the process.
    // Safe to share between threads: oneDNN documents engines as such, and it is never destroyed.
    nonisolated(unsafe) private static let shared: dnnl_engine_t? = {
        var engine: dnnl_engine_t?
        guard dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success else { return nil }
        return engine
    }()

    /// - Throws: ``ExecutionError`` if oneDNN cannot run on this processor.
    static func cpu() throws(ExecutionError) -> dnnl_engine_t {
        guard let shared else {
            throw ExecutionError(.library, "oneDNN cannot run on this processor")
        }
        return shared
    }

    /// Turns a failed call into an error.
    static func check(_ status: dnnl_status_t, _ what: String) throws(ExecutionError) {
        guard status != dnnl_success else { return }
        let reason =
            switch status {
            case dnnl_out_of_memory: "out of memory"
            case dnnl_invalid_arguments: "invalid arguments"
            case dnnl_unimplemented: "not implemented"
            case dnnl_runtime_error: "run-time error"
            default: "status \(status.rawValue)"
            }
        throw ExecutionError(
            status == dnnl_out_of_memory ? .memory : .library, "oneDNN: \(what): \(reason)")
    }

    /// Whether oneDNN has kernels for images in blocks of sixteen channels: with AVX-512.
    static let hasBlockedKernels: Bool = {
        let wanted = dnnl_cpu_isa_avx512_core.rawValue
        return dnnl_get_effective_cpu_isa().rawValue & wanted == wanted
    }()

    /// Sets how many threads oneDNN uses when it is called from the current thread.
    static func use(threads: Int) { omp_set_num_threads(Int32(clamping: threads)) }
}

/// An in-order queue of primitives on the CPU.
// Only ever used by the prepared model that owns it, which runs one call at a time.
final class Stream: @unchecked Sendable {
    let handle: dnnl_stream_t

    init() throws(ExecutionError) {
        var stream: dnnl_stream_t?
        try Engine.check(
            dnnl_stream_create(
                &stream, try Engine.cpu(), dnnl_stream_default_flags.rawValue), "creating a stream")
        guard let stream else { throw ExecutionError(.library, "oneDNN gave no stream") }
        handle = stream
    }

    deinit { dnnl_stream_destroy(handle) }
}
