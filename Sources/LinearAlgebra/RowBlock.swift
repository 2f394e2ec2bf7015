import COpenBLAS

/// Rows of single-precision features, somewhere in memory of the caller.
// Safe to send: it is only read, and the caller keeps the memory alive.
package struct RowBlock: @unchecked Sendable {
    package let values: UnsafePointer<Float>
    package let rows: Int
    package let columns: Int

    package init(_ values: UnsafePointer<Float>, rows: Int, columns: Int) {
        self.values = values
        self.rows = rows
        self.columns = columns
    }

    /// The rows times a kernel.
    ///
    /// - Parameters:
    ///   - kernel: `outputs × columns`.
    ///   - result: room for `rows × outputs`.
    package func multiply(
        _ kernel: [Float], outputs: Int, into result: UnsafeMutablePointer<Float>
    ) {
        guard rows > 0, outputs > 0, columns > 0 else { return }
        BLASThreads.prepare()
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(columns),
            1, values, Int32(columns), kernel, Int32(columns), 0, result, Int32(outputs))
    }

    /// Sums of products with targets, `outputs × columns`.
    ///
    /// - Parameter targets: `rows × outputs`.
    package func products(with targets: UnsafePointer<Float>, outputs: Int) -> [Double] {
        guard rows > 0, outputs > 0, columns > 0 else {
            return Array(repeating: 0, count: outputs * columns)
        }
        BLASThreads.prepare()
        var products = [Float](repeating: 0, count: outputs * columns)
        cblas_sgemm(
            CblasRowMajor, CblasTrans, CblasNoTrans, Int32(outputs), Int32(columns), Int32(rows),
            1, targets, Int32(outputs), values, Int32(columns), 0, &products, Int32(columns))
        return products.map(Double.init)
    }
}
