package dev.stylizer.core.geometry

import kotlin.math.abs
import kotlin.math.ln

/**
 * A displacement of the unit square, thin-plate spline through control points (Bookstein 1989): kernel
 * U(r) = r^2 log r^2, eight fixed points on the border. The same as `fit_warp` of the Python package.
 */
class ThinPlateSpline private constructor(
    private val sites: DoubleArray, private val weightsX: DoubleArray, private val weightsY: DoubleArray,
) {
    /** Writes the displacement at (x, y) to [into] at 0 and 1. */
    fun displacement(x: Double, y: Double, into: DoubleArray) {
        val count = sites.size / 2
        var dx = weightsX[count] * x + weightsX[count + 1] * y + weightsX[count + 2]
        var dy = weightsY[count] * x + weightsY[count + 1] * y + weightsY[count + 2]
        for (n in 0 until count) {
            val u = kernel(x - sites[2 * n], y - sites[2 * n + 1])
            dx += weightsX[n] * u
            dy += weightsY[n] * u
        }
        into[0] = dx
        into[1] = dy
    }

    companion object {
        private const val RIDGE = 1e-6 // keeps the system solvable whatever the sites
        private val ANCHORS = doubleArrayOf(
            0.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0, 0.5, 1.0, 0.5, 0.0, 1.0, 0.5, 1.0, 1.0, 1.0,
        )

        private fun kernel(dx: Double, dy: Double): Double {
            val squared = dx * dx + dy * dy
            return if (squared == 0.0) 0.0 else squared * ln(squared)
        }

        /**
         * Backward mapping: at [target] the displacement leads to [source]; x, y, x, y, ... in 0..1.
         *
         * @param regularization 0 passes through the points; more bends less
         */
        fun fit(source: DoubleArray, target: DoubleArray, regularization: Double): ThinPlateSpline {
            val sites = target + ANCHORS
            val count = sites.size / 2
            val size = count + 3
            val rows = Array(size) { DoubleArray(size + 2) }
            for (i in 0 until count) {
                for (j in 0 until count) {
                    rows[i][j] = kernel(sites[2 * i] - sites[2 * j], sites[2 * i + 1] - sites[2 * j + 1])
                }
                rows[i][i] += regularization + RIDGE
                for ((k, value) in doubleArrayOf(sites[2 * i], sites[2 * i + 1], 1.0).withIndex()) {
                    rows[i][count + k] = value
                    rows[count + k][i] = value
                }
                if (2 * i < target.size) {
                    rows[i][size] = source[2 * i] - target[2 * i]
                    rows[i][size + 1] = source[2 * i + 1] - target[2 * i + 1]
                }
            }
            for (k in count until size) rows[k][k] = -RIDGE
            solve(rows)
            return ThinPlateSpline(
                sites, DoubleArray(size) { rows[it][size] }, DoubleArray(size) { rows[it][size + 1] })
        }

        /** Gauss with pivots, in place: the last two columns become the solutions. */
        private fun solve(rows: Array<DoubleArray>) {
            val size = rows.size
            for (k in 0 until size) {
                var best = k
                for (i in k + 1 until size) if (abs(rows[i][k]) > abs(rows[best][k])) best = i
                val pivot = rows[best]
                rows[best] = rows[k]
                rows[k] = pivot
                for (i in 0 until size) {
                    if (i == k || rows[i][k] == 0.0) continue
                    val factor = rows[i][k] / pivot[k]
                    for (j in k until size + 2) rows[i][j] -= factor * pivot[j]
                }
            }
            for (k in 0 until size) for (j in size until size + 2) rows[k][j] /= rows[k][k]
        }
    }
}
