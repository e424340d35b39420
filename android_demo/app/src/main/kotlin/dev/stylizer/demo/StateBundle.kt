package dev.stylizer.demo

import android.os.Bundle
import dev.stylizer.core.Settings

private const val STYLE = "style"
private const val STRENGTH = "strength"
private const val EXAGGERATION = "exaggeration"
private const val FACING = "facing"
private const val OVERLAY = "overlay"
private const val PERMISSION = "permission"
private const val RESULT = "result"
private const val SAVED = "saved"
private const val SHARING = "sharing"

/** Writes the part of a state that outlives the process: what was chosen, and where the finished drawing is. */
fun ScreenState.writeTo(bundle: Bundle) {
    bundle.putString(STYLE, settings.style)
    bundle.putFloat(STRENGTH, settings.strength)
    bundle.putFloat(EXAGGERATION, settings.exaggeration)
    bundle.putString(FACING, facing.name)
    bundle.putBoolean(OVERLAY, overlay)
    bundle.putString(PERMISSION, permission.name)
    (mode as? Mode.Result)?.let {
        bundle.putString(RESULT, it.file)
        bundle.putString(SAVED, it.saved)
        bundle.putBoolean(SHARING, it.sharing)
    }
}

/** The state that [writeTo] wrote, with the [styles] that there are now; the first state if [bundle] is null. */
fun readState(bundle: Bundle?, styles: List<String>): ScreenState {
    val style = bundle?.getString(STYLE) ?: return ScreenState.first(styles)
    val settings = Settings(
        style, bundle.getFloat(STRENGTH, 1f).coerceIn(0f, 1f), bundle.getFloat(EXAGGERATION).coerceIn(-1f, 1f))
    return ScreenState.first(styles, settings).copy(
        facing = Facing.valueOf(bundle.getString(FACING, Facing.FRONT.name)),
        overlay = bundle.getBoolean(OVERLAY, true),
        permission = Permission.valueOf(bundle.getString(PERMISSION, Permission.UNASKED.name)),
        mode = bundle.getString(RESULT)
            ?.let { Mode.Result(it, bundle.getString(SAVED), sharing = bundle.getBoolean(SHARING)) } ?: Mode.Live)
}
