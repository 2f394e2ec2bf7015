import COneDNN

/// What a primitive does to its result before it stores it.
enum PostOperation {
    /// An element-wise function.
    case function(ElementwiseFunction)
    /// Adds what the destination held before.
    case sum
    /// Combines with a second tensor of the given description.
    case binary(dnnl_alg_kind_t, MemoryDescription)
}

/// An element-wise function of oneDNN with its two parameters.
struct ElementwiseFunction: Hashable {
    var algorithm: dnnl_alg_kind_t
    var alpha: Float = 0
    var beta: Float = 0
}

extension dnnl_alg_kind_t: @retroactive Hashable {}

/// Factors by which a reorder multiplies.
struct OutputScales {
    var factors: [Float]
    /// The axes of the destination that the factors run along, a bit each; 0 for one factor.
    var mask: Int32
}

/// The attributes of a primitive: post-operations, and a scratch memory that the caller provides.
final class Attributes {
    let handle: dnnl_primitive_attr_t

    init(
        _ operations: [PostOperation] = [], scales: OutputScales? = nil
    ) throws(ExecutionError) {
        var attributes: dnnl_primitive_attr_t?
        try Engine.check(dnnl_primitive_attr_create(&attributes), "creating attributes")
        guard let attributes else { throw ExecutionError(.library, "oneDNN gave no attributes") }
        handle = attributes
        try Engine.check(
            dnnl_primitive_attr_set_scratchpad_mode(handle, dnnl_scratchpad_mode_user),
            "choosing the scratchpad")
        if let scales {
            try Engine.check(
                dnnl_primitive_attr_set_output_scales(
                    handle, Int64(scales.factors.count), scales.mask, scales.factors),
                "setting scales")
        }
        guard !operations.isEmpty else { return }
        var list: dnnl_post_ops_t?
        try Engine.check(dnnl_post_ops_create(&list), "creating post-operations")
        defer { dnnl_post_ops_destroy(list) }
        for operation in operations {
            let status =
                switch operation {
                case .function(let function):
                    dnnl_post_ops_append_eltwise(
                        list, 1, function.algorithm, function.alpha, function.beta)
                case .sum: dnnl_post_ops_append_sum(list, 1)
                case .binary(let algorithm, let description):
                    withUnsafePointer(to: description.raw) {
                        dnnl_post_ops_append_binary(list, algorithm, $0)
                    }
                }
            try Engine.check(status, "adding a post-operation")
        }
        try Engine.check(
            dnnl_primitive_attr_set_post_ops(handle, list), "setting post-operations")
    }

    deinit { dnnl_primitive_attr_destroy(handle) }
}
