// Lets a worker import TypeScript: workers do not inherit --import on Node 20.
import { register } from 'tsx/esm/api'

register()
