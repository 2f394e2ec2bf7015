import COpenBLAS

/// Products of dense row-major matrices in single precision.
package enum MatrixProduct {
    /// `left × right`, or `leftᵀ × right`.
    ///
    /// - Parameters:
    ///   - left: `rows × inner`; `inner × rows` if it is to be transposed.
    ///   - right: `inner × columns`.
    /// - Returns: `rows × columns`; the same bits whatever the number of cores.
    /// - Complexity: rows · inner · columns multiply-adds.
    package static func product(
        _ left: [Float], _ right: [Float], rows: Int, inner: Int, columns: Int,
        transposingLeft: Bool = false
    ) -> [Float] {
        precondition(left.count == rows * inner && right.count == inner * columns)
        guard rows > 0, columns > 0 else { return [] }
        guard inner > 0 else { return Array(repeating: 0, count: rows * columns) }
        let height = max(32, (rows + 7) / 8)
        return [Float](unsafeUninitializedCapacity: rows * columns) { buffer, initialized in
            initialized = rows * columns
            guard let base = buffer.baseAddress else { return }
            let target = SharedAddress(address: base)
            BLASThreads.perform((rows + height - 1) / height) { panel in
                let first = panel * height
                left.withUnsafeBufferPointer { left in
                    guard let source = left.baseAddress else { return }
                    cblas_sgemm(
                        CblasRowMajor, transposingLeft ? CblasTrans : CblasNoTrans, CblasNoTrans,
                        Int32(min(height, rows - first)), Int32(columns), Int32(inner), 1,
                        source + (transposingLeft ? first : first * inner),
                        Int32(transposingLeft ? rows : inner), right, Int32(columns), 0,
                        target.address + first * columns, Int32(columns))
                }
            }
        }
    }
}
