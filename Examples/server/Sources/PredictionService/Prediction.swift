import HTTPTypes
import Hummingbird
import NIOCore
import RuntimeAdapter
import Serving

/// A network's answer, which variant gave it, and how long everything took.
struct Prediction: Sendable {
    let outputs: [Float]
    let shape: [Int]
    let candidate: CandidateDescription
    /// What inference was predicted to take, in milliseconds; nil if nothing was.
    let predictedMs: Double?
    let waitedMs: Double
    let inferenceMs: Double
    let totalMs: Double
    let deadlineMs: Double

    private struct Document: Encodable {
        let shape: [Int]
        let outputs: [Float]
    }

    /// The answer in the form that was asked for.
    func response(_ form: PredictionRequest.Form) -> Response {
        var response: Response
        switch form {
        case .json: response = JSONAnswer.response(Document(shape: shape, outputs: outputs))
        case .binary:
            var buffer = ByteBufferAllocator().buffer(capacity: outputs.count * 4)
            for value in outputs {
                buffer.writeInteger(value.bitPattern, endianness: .little)
            }
            response = Response(
                status: .ok,
                headers: [.contentType: form.rawValue, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: buffer))
        }
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }

    private var headers: [(String, String)] {
        [
            ("Variant", candidate.reference), ("Variant-Digest", candidate.digest),
            ("Predicted-Ms", predictedMs.map(Self.text) ?? "unknown"),
            ("Inference-Ms", Self.text(inferenceMs)), ("Queue-Ms", Self.text(waitedMs)),
            ("Total-Ms", Self.text(totalMs)), ("Deadline-Met", String(totalMs <= deadlineMs)),
        ]
    }

    /// Microseconds are as fine as it gets.
    private static func text(_ ms: Double) -> String {
        guard ms.isFinite else { return "unknown" }
        return String((ms * 1000).rounded() / 1000)
    }
}
