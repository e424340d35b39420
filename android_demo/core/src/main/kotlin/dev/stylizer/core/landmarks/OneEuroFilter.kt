package dev.stylizer.core.landmarks

import kotlin.math.sqrt

/**
 * A low-pass whose cutoff rises with speed, so that what rests is calm and what moves is on time (Casiez, Roussel,
 * Vogel, CHI 2012); one speed, the root mean square over all values, opens it for all of them.
 *
 * @param minCutoffHz at rest; lower: less jitter
 * @param beta Hz by which a speed of one unit a second raises it; higher: less lag
 * @param derivativeCutoffHz of the low-pass that the speed itself goes through
 */
class OneEuroFilter(
    size: Int, private val minCutoffHz: Double, private val beta: Double, private val derivativeCutoffHz: Double,
) {
    private val estimate = DoubleArray(size)
    private val velocity = DoubleArray(size)
    private var timeS = Double.NaN

    fun reset() {
        timeS = Double.NaN
    }

    /** Writes the smoothed [values] to [into]; [unit]: length that the speed is measured in. */
    fun filter(values: DoubleArray, atS: Double, unit: Double, into: DoubleArray) {
        val stepS = atS - timeS
        if (stepS.isNaN() || stepS < 0) {
            values.copyInto(estimate)
            velocity.fill(0.0)
            timeS = atS
        } else if (stepS > 0) {
            val opening = weight(derivativeCutoffHz, stepS)
            var sum = 0.0
            for (n in values.indices) {
                velocity[n] += opening * ((values[n] - estimate[n]) / (unit * stepS) - velocity[n])
                sum += velocity[n] * velocity[n]
            }
            val weight = weight(minCutoffHz + beta * sqrt(sum / values.size), stepS)
            for (n in values.indices) estimate[n] += weight * (values[n] - estimate[n])
            timeS = atS
        }
        estimate.copyInto(into)
    }

    private fun weight(cutoffHz: Double, stepS: Double): Double {
        val turn = 2 * Math.PI * cutoffHz * stepS
        return turn / (turn + 1)
    }
}
